import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import type { StateDatabase, StoredReceipt } from '../../../src/state/state-database.ts';
import { NEW_PROFILES } from '../../integration/create/stage.ts';
import { createReplicaProcess, type ReplicaProcess } from '../chaos/replica-process.ts';
import type { ChaosStore } from '../chaos/stores.ts';
import { type CreateFate, type CreateStep, requestIdIn, STEPS } from './create-steps.ts';
import {
  CREATE_TARGETS,
  type CreateTarget,
  nameOf,
  startCreatingVendors,
} from './creating-vendors.ts';

export const SESSION_MS = 2_000;
export const SETTLE_MS = 2_000;

/** One create whose replica was killed. */
export type KilledCreate = {
  readonly number: number;
  readonly target: CreateTarget;
  readonly step: CreateStep;
  readonly fate: CreateFate;
  readonly name: string;
};

/** The same once another replica has closed it. */
export type ClosedCreate = KilledCreate & {
  readonly outcome: string;
  /** Time from the kill to the receipt. */
  readonly closedMs: number;
  readonly wrong: readonly string[];
};

/** Longest wait for the creates of a round to come to their step, and to be closed. */
const STEP_MS_MAX = 40_000;
/** Creates with an id to be linked to. */
const isLinked = ({ number }: Pick<KilledCreate, 'number'>): boolean => number % 2 === 0;
const linkIdOf = (number: number): string => `emp-${number}`;

type Round = {
  readonly database: StateDatabase;
  readonly survivor: ReplicaProcess;
  readonly vendors: Awaited<ReturnType<typeof startCreatingVendors>>;
};

/** Kills replicas at each step of `copies` creates of each vendor, `rounds` times. */
export async function killCreates(
  store: ChaosStore,
  copies: number,
  rounds: number,
): Promise<ClosedCreate[]> {
  let held = 0;
  const onHeld = (): void => {
    held += 1;
  };
  const vendors = await startCreatingVendors(onHeld);
  const { document } = vendors;
  const options = { document, store: store.address, sessionMs: SESSION_MS, settleMs: SETTLE_MS };
  const survivor = createReplicaProcess({ ...options, name: 'survivor' });
  const database = await store.connect();
  const closed: ClosedCreate[] = [];
  let number = 0;
  try {
    await survivor.start();
    for (let round = 0; round < rounds; round += 1) {
      const killed = createsFrom(number, copies);
      number += killed.length;
      const victim = createReplicaProcess(
        { ...options, name: 'victim', haltsCreates: true },
        onHeld,
      );
      await victim.start();
      held = 0;
      const requestIds = new Map<number, string>();
      for (const one of killed) {
        void bringToStep(victim, one, requestIds, onHeld).catch(() => {});
      }
      await until(() => held >= killed.length);
      await victim.kill();
      const killedMs = performance.now();
      const parts = { database, survivor, vendors };
      const refused = await refusedKeys(parts, killed);
      const receipts = await receiptsFor(database, requestIds, killedMs);
      const judged = killed.map(async (one): Promise<ClosedCreate> => {
        const { closedMs, receipt } = receipts.get(one.number) ?? {};
        if (closedMs === undefined || receipt === undefined) throw new Error('no receipt');
        const wrong = [
          ...(refused.get(one.number) ?? []),
          ...(await contradictions(parts, one, receipt)),
          ...(await repeated(parts, one, receipt)),
        ];
        return { ...one, outcome: receipt.outcome, closedMs, wrong };
      });
      closed.push(...(await Promise.all(judged)));
    }
  } finally {
    await survivor.kill();
    await database.close();
    await vendors.close();
  }
  return closed;
}

/** Returns `copies` creates of each step, fate and vendor, with numbers above `last`. */
function createsFrom(last: number, copies: number): KilledCreate[] {
  let number = last;
  const steps = Object.keys(STEPS) as CreateStep[];
  return steps.flatMap((step) =>
    STEPS[step].flatMap((fate) =>
      CREATE_TARGETS.flatMap((target) =>
        Array.from({ length: copies }, (): KilledCreate => {
          number += 1;
          return { number, target, step, fate, name: nameOf(target, number, fate) };
        }),
      ),
    ),
  );
}

/** Sends a create until it stays at its step; a state that is slow turns it away before. */
async function bringToStep(
  victim: ReplicaProcess,
  one: KilledCreate,
  requestIds: Map<number, string>,
  onHeld: () => void,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const requestId = `create-${one.number}-${attempt}-${one.step}`;
    requestIds.set(one.number, requestId);
    const { status } = await create(victim, one, requestId);
    if (status === 504) onHeld();
    if (status !== 503) return;
    await sleep(LOOK_MS);
  }
}

const ATTEMPTS_MAX = 50;

/** Sends each key with another body: it must be refused, whatever has become of the first. */
async function refusedKeys(
  { survivor }: Round,
  killed: readonly KilledCreate[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const announced = killed.filter(({ step }) => step !== 'begun');
  const answers = await Promise.all(
    announced.map(async (one) => {
      const other = { ...one, name: `${one.name}other` };
      const { code, status } = await create(survivor, other, `other-${one.number}`);
      const isRefused = status === 422 && code === 'idempotency_key_reused';
      const wrong = isRefused ? [] : [`its key with another body: ${status} ${code}`];
      return [one.number, wrong] as const;
    }),
  );
  return new Map(answers);
}

/** Vendors where a search proves that nothing was created. */
const PROVING: readonly CreateTarget[] = ['senlin-demo', 'iam-demo'];

/** Compares a receipt with what the vendor has made. */
async function contradictions(
  { database, vendors }: Round,
  one: KilledCreate,
  { body, outcome }: StoredReceipt,
): Promise<string[]> {
  const { upstreamId = '', reason } = JSON.parse(body);
  const made = vendors.made(one.target, one.name);
  const wrong: string[] = [];
  if (made.length > 1) wrong.push(`${made.length} twins`);
  if (vendors.sentOf(one.name) > 1) wrong.push('it was sent twice');
  if (outcome === 'applied' && made[0] !== upstreamId) wrong.push(`applied: ${upstreamId}`);
  if (outcome === 'rejected' && made.length > 0) wrong.push('it is rejected, and was made');
  if (outcome === 'unknown') {
    const isHonest = made.length === 0 && !PROVING.includes(one.target) && reason === 'unproven';
    if (!isHonest) wrong.push(`unknown: ${reason}`);
  }
  if (!isLinked(one)) return wrong;
  const link = await database.link(linkIdOf(one.number));
  const linked = link?.targets?.[one.target];
  const wanted = outcome === 'applied' ? upstreamId : undefined;
  if (linked !== wanted) wrong.push(`its link leads to ${linked}`);
  return wrong;
}

/** Repeats a create: it is answered by its receipt, and run only where it was not sent. */
async function repeated(
  { survivor, vendors }: Round,
  one: KilledCreate,
  { body, outcome }: StoredReceipt,
): Promise<string[]> {
  const before = vendors.sentOf(one.name);
  const answer = await create(survivor, one, `repeat-${one.number}`);
  const isRun = vendors.sentOf(one.name) > before;
  const said = `its repeat: ${answer.status} ${answer.code} ${answer.outcome}`;
  if (one.step === 'begun') return isRun && answer.status === 201 ? [] : [said];
  if (isRun) return ['its repeat is sent'];
  const { upstreamId } = JSON.parse(body);
  const isSame = answer.outcome === outcome && answer.upstreamId === upstreamId;
  return isSame ? [] : [said];
}

/** Waits for the receipts of creates, and measures when each came. */
async function receiptsFor(
  database: StateDatabase,
  requestIds: ReadonlyMap<number, string>,
  killedMs: number,
): Promise<ReadonlyMap<number, { receipt: StoredReceipt; closedMs: number }>> {
  const wanted = new Map([...requestIds].map(([number, requestId]) => [requestId, number]));
  const closed = new Map<number, { receipt: StoredReceipt; closedMs: number }>();
  await until(async () => {
    for (const receipt of await database.receipts({ max: 4 * wanted.size })) {
      const number = wanted.get(requestIdIn(receipt.body));
      if (receipt.kind !== 'create' || number === undefined) continue;
      const known = closed.get(number);
      if (known !== undefined && known.receipt.position !== receipt.position) {
        throw new Error(`${number} has two receipts`);
      }
      if (known === undefined) {
        closed.set(number, { receipt, closedMs: performance.now() - killedMs });
      }
    }
    return closed.size === wanted.size;
  });
  return closed;
}

/** Time between two looks. */
const LOOK_MS = 100;

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + STEP_MS_MAX;
  while (!(await isDone())) {
    if (performance.now() > lateMs) throw new Error('a step does not come');
    await sleep(LOOK_MS);
  }
}

/** Creates a profile under the key of its number. */
async function create(
  replica: ReplicaProcess,
  { name, number, target }: KilledCreate,
  requestId: string,
) {
  const id = isLinked({ number }) ? { id: linkIdOf(number) } : {};
  const response = await fetch(`${replica.origin()}/profiles`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': requestId,
      'idempotency-key': `key-${number}`,
    },
    body: JSON.stringify({ target, ...NEW_PROFILES[target], ...id, name }),
  });
  const body: JsonObject = JSON.parse(await response.text());
  return {
    status: response.status,
    code: ownText(body, 'code'),
    outcome: ownText(ownObject(body, 'write') ?? body, 'outcome'),
    upstreamId: ownText(ownObject(body, 'profile'), 'upstreamId'),
  };
}
