import { setTimeout as sleep } from 'node:timers/promises';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import type { StateDatabase, StoredReceipt } from '../../../src/state/state-database.ts';
import type { Subject } from '../../faults/subject.ts';
import { HALTS, type Halt } from '../chaos/halts.ts';
import { createReplicaProcess } from '../chaos/replica-process.ts';
import { type Fate, startHeldVendor } from './held-vendor.ts';

export const SESSION_MS = 2_000;
export const SETTLE_MS = 2_000;

/** One write whose replica was killed. */
export type Killed = {
  readonly halt: Halt;
  readonly fate: Fate;
  readonly outcome: string;
  /** Time from the kill to the receipt. */
  readonly closedMs: number;
  readonly wrong: string | undefined;
};

/** Fates of writes that are sent, in turn. */
const FATES: Readonly<Partial<Record<Halt, readonly Fate[]>>> = {
  sent: ['dropped', 'late'],
  applied: ['applied'],
  before_end: ['answered'],
};

/** Longest wait for all writes of a round to come to their step, and to be closed. */
const STEP_MS_MAX = 20_000;

/**
 * Kills a replica `rounds` times at each step of a write, with as many writes under way as the
 * vendor has profiles; another replica closes them.
 */
export async function killAtEachStep(
  subject: Subject,
  statePath: string,
  rounds: number,
): Promise<Killed[]> {
  let held = 0;
  const onHeld = (): void => {
    held += 1;
  };
  const vendor = await startHeldVendor(subject, onHeld);
  const options = {
    document: vendor.document,
    store: { path: statePath },
    sessionMs: SESSION_MS,
    settleMs: SETTLE_MS,
  };
  const survivor = createReplicaProcess({ ...options, name: 'survivor' });
  const database = await openSqliteDatabase({
    path: statePath,
    durability: 'process',
    timeoutMs: 2_000,
  });
  const killed: Killed[] = [];
  let number = 0;
  try {
    await survivor.start();
    for (let round = 0; round < rounds; round += 1) {
      for (const halt of HALTS) {
        const fates = FATES[halt] ?? ['dropped'];
        const fate = fates[round % fates.length] ?? 'dropped';
        const victim = createReplicaProcess({ ...options, name: 'victim', halt }, onHeld);
        await victim.start();
        held = 0;
        vendor.setFate(fate);
        const numbers = vendor.ids.map((id) => {
          number += 1;
          void patch(victim.origin() ?? '', subject, id, number);
          return number;
        });
        await until(() => held >= numbers.length);
        await victim.kill();
        const killedMs = performance.now();
        vendor.setFate('answered');
        const closed = await receiptsFor(database, numbers, killedMs);
        // A late write has come by then, or never does.
        for (const { closedMs, receipt, number: of } of closed) {
          const { outcome } = receipt;
          const wrong = wrongOf(outcome, vendor.hasStored(of), of);
          killed.push({ halt, fate, outcome, closedMs, wrong });
        }
      }
    }
  } finally {
    await survivor.kill();
    await database.close();
    await vendor.close();
  }
  return killed;
}

function wrongOf(outcome: string, isStored: boolean, number: number): string | undefined {
  if (outcome === 'applied' && !isStored) return `${number} is applied, and never was`;
  if (outcome === 'rejected' && isStored) return `${number} is rejected, and was applied`;
  return undefined;
}

type Closed = {
  readonly number: number;
  readonly receipt: StoredReceipt;
  readonly closedMs: number;
};

/** Waits for the receipts of writes, and measures when each came. */
async function receiptsFor(
  database: StateDatabase,
  numbers: readonly number[],
  killedMs: number,
): Promise<Closed[]> {
  const closed = new Map<number, Closed>();
  await until(async () => {
    for (const receipt of await database.receipts({ max: 2 * numbers.length })) {
      const number = Number(JSON.parse(receipt.body).requestId.replace('write-', ''));
      if (!numbers.includes(number)) continue;
      const known = closed.get(number);
      if (known !== undefined && known.receipt.position !== receipt.position) {
        throw new Error(`${number} has two receipts`);
      }
      if (known === undefined) {
        closed.set(number, { number, receipt, closedMs: performance.now() - killedMs });
      }
    }
    return closed.size === numbers.length;
  });
  return [...closed.values()];
}

/** Time between two looks. */
const LOOK_MS = 20;

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + STEP_MS_MAX;
  while (!(await isDone())) {
    if (performance.now() > lateMs) throw new Error('a step does not come');
    await sleep(LOOK_MS);
  }
}

/** Patches a profile by a value that carries `number`; nobody waits for the answer. */
async function patch(origin: string, subject: Subject, id: string, number: number): Promise<void> {
  const value = `w${number}`;
  const patches: Readonly<Record<string, unknown>> = {
    senlin: { attributes: { key: value } },
    nerm: { attributes: { cost_centre: value } },
  };
  await fetch(`${origin}/profiles/${subject.vendor}:${id}`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/merge-patch+json',
      'x-request-id': `write-${number}`,
      // Read first, so that "not applied" can be proven at each vendor.
      'if-match': '*',
    },
    body: JSON.stringify(patches[subject.vendor] ?? { description: value }),
  }).catch(() => {});
}
