import { setTimeout as sleep } from 'node:timers/promises';
import { allReceipts } from '../receipts.ts';
import { type Callers, startCallers } from './callers.ts';
import { type ChaosRecord, type Findings, findFaults } from './checks.ts';
import type { Mutant } from './mutants.ts';
import { randomFrom } from './random.ts';
import { createReplicaProcess, type ReplicaProcess } from './replica-process.ts';
import type { ChaosStore } from './stores.ts';
import { startVendors } from './vendors.ts';

export type ChaosOptions = {
  readonly store: ChaosStore;
  readonly seed: number;
  readonly durationMs: number;
  readonly mutant?: Mutant;
  /** Kinds of trouble; all of them by default. */
  readonly troubles?: readonly Trouble[];
  /** Each trouble ends, and a session passes, before the next one. */
  readonly isCalm?: boolean;
};

export const TROUBLES = ['kill', 'stop', 'freeze', 'stall', 'cut', 'crash'] as const;
export type Trouble = (typeof TROUBLES)[number];

const SESSION_MS = 2_000;
const SETTLE_MS = 4_000;
const LATE_MS_MAX = 3_500;
const REPLICAS = 3;
const CALLERS = 8;

export type ChaosResult = {
  readonly findings: Findings;
  readonly writes: number;
  /** Sessions that another replica has closed. */
  readonly closed: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
};

/** Runs replicas, callers and troubles for a while, and compares all that was said afterwards. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { mutant, seed, store, troubles = TROUBLES } = options;
  const random = randomFrom(seed);
  const vendors = await startVendors({
    random,
    // A fault shows in writes that are under way while their profile is free.
    ...(mutant === undefined ? { lostShare: 0.2 } : { lostShare: 0.4, profilesEach: 8 }),
    lateMsMax: LATE_MS_MAX,
  });
  const { document } = vendors;
  const replicas = Array.from({ length: REPLICAS }, (_, i) =>
    createReplicaProcess({
      name: `replica-${i}`,
      document,
      store: store.address,
      sessionMs: SESSION_MS,
      settleMs: SETTLE_MS,
      ...(mutant === undefined ? {} : { mutant }),
    }),
  );
  try {
    await Promise.all(replicas.map(({ start }) => start()));
    const callers = startCallers(replicas, vendors.profiles, CALLERS, random);
    const counts = await makeTrouble({ ...options, replicas, random, troubles });
    const record = await settle(callers, replicas, store, vendors);
    const outcomes: Record<string, number> = {};
    for (const { body, outcome } of record.receipts) {
      const by = JSON.parse(body).recoveredBy === undefined ? outcome : `recovered ${outcome}`;
      outcomes[by] = (outcomes[by] ?? 0) + 1;
    }
    const closures = replicas.flatMap(({ events }) =>
      events.filter(({ kind }) => kind === 'replica_closed'),
    );
    const findings = findFaults(record);
    return {
      findings,
      writes: record.asked.length,
      closed: closures.length,
      counts,
      outcomes,
    };
  } finally {
    await Promise.all(replicas.map(({ kill }) => kill()));
    await vendors.close();
  }
}

type TroubleOptions = Pick<ChaosOptions, 'durationMs' | 'isCalm' | 'store'> & {
  readonly replicas: readonly ReplicaProcess[];
  readonly random: () => number;
  readonly troubles: readonly Trouble[];
};

/** One trouble after the other, 0.4 to 1.6 s apart, each at a random replica. */
async function makeTrouble(options: TroubleOptions): Promise<Record<string, number>> {
  const { durationMs, isCalm = false, random, replicas, store, troubles } = options;
  const untilMs = performance.now() + durationMs;
  const counts: Record<string, number> = {};
  const pending: Promise<unknown>[] = [];
  const busy = new Set<ReplicaProcess>();
  const at = async (replica: ReplicaProcess, work: () => Promise<void>): Promise<void> => {
    busy.add(replica);
    await work();
    busy.delete(replica);
  };
  while (performance.now() < untilMs) {
    await sleep(400 + random() * 1_200);
    if (isCalm && pending.length > 0) {
      await Promise.all(pending);
      await sleep(SESSION_MS);
    }
    if (troubles.length === 0) continue;
    const trouble = troubles[Math.floor(random() * troubles.length)];
    const replica = replicas[Math.floor(random() * replicas.length)];
    if (trouble === undefined || replica === undefined || busy.has(replica)) continue;
    counts[trouble] = (counts[trouble] ?? 0) + 1;
    switch (trouble) {
      case 'kill':
        pending.push(
          at(replica, async () => {
            await replica.kill();
            await sleep(random() * 1_000);
            await replica.start();
          }),
        );
        break;
      case 'stop':
        pending.push(
          at(replica, async () => {
            replica.signal('SIGSTOP');
            await sleep(300 + random() * 5_000);
            replica.signal('SIGCONT');
          }),
        );
        break;
      case 'freeze':
        replica.freeze(3_000 + random() * 9_000);
        break;
      case 'stall':
        pending.push(store.stall(500 + random() * 4_500));
        break;
      case 'cut':
        pending.push(store.cut());
        break;
      case 'crash':
        pending.push(store.crash());
        break;
    }
  }
  await Promise.all(pending);
  return counts;
}

/** Waits until nothing can change any more, ends all replicas, and reads what is left. */
async function settle(
  callers: Callers,
  replicas: readonly ReplicaProcess[],
  store: ChaosStore,
  vendors: Awaited<ReturnType<typeof startVendors>>,
): Promise<ChaosRecord> {
  await callers.stop();
  await sleep(2 * SESSION_MS + SETTLE_MS + LATE_MS_MAX);
  const database = await store.connect();
  // Nothing may write any more while the record is compared.
  await Promise.all(replicas.map(({ kill }) => kill()));
  const receipts = await allReceipts(database);
  await database.close();
  const { arrived, effects } = vendors;
  return { asked: callers.asked, arrived, effects: effects(), receipts };
}
