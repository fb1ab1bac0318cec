import { setTimeout as sleep } from 'node:timers/promises';
import { type Asked, ask, startCallers } from '../chaos/callers.ts';
import { type Findings, findFaults } from '../chaos/checks.ts';
import { createReplicaProcess } from '../chaos/replica-process.ts';
import { openStore } from '../chaos/stores.ts';
import { startVendors } from '../chaos/vendors.ts';
import { startPostgres } from '../postgres-server.ts';
import { allReceipts } from '../receipts.ts';
import { startProxy } from '../stalling-proxy.ts';
import { startStandby } from './standby.ts';

export type FailoverOptions = {
  readonly random: () => number;
  /** Commits wait until the standby has them. */
  readonly isSynchronous: boolean;
  /** Time for which nothing has come to the standby when the primary is killed. */
  readonly lagMs: number;
  /** Time of load before the primary is killed, and after the standby is promoted. */
  readonly loadMs: number;
};

export type FailoverResult = {
  readonly findings: Findings;
  readonly writes: number;
  /** Writes whose callers were answered 503 `state_unavailable`. */
  readonly refused: number;
  /** Time from the kill to the first write that was applied after it. */
  readonly outageMs: number;
  /** Repeats of writes that were answered before the kill, by what became of them. */
  readonly repeats: { readonly answered: number; readonly sentAgain: number };
};

const SESSION_MS = 2_000;
const SETTLE_MS = 3_000;
const LATE_MS_MAX = 1_500;
const REPLICAS = 3;
const CALLERS = 8;
/** Writes answered right before the kill that are repeated after it. */
const REPEATS = 100;
const REPEATS_MIN = 20;
/** Time that an operator, or what works for one, takes to see the primary's end. */
const NOTICE_MS = 500;

/**
 * Kills the primary of three replicas under load, promotes its standby, and leads the replicas
 * there by their one address, as a virtual IP does. Compares all that was said afterwards.
 */
export async function runFailover(options: FailoverOptions): Promise<FailoverResult> {
  const { isSynchronous, lagMs, loadMs, random } = options;
  const primary = await startPostgres();
  const standby = await startStandby(primary, isSynchronous);
  const address = await startProxy(primary.port);
  const vendors = await startVendors({
    random,
    lostShare: 0.05,
    lateMsMax: LATE_MS_MAX,
    profilesEach: 8,
  });
  const replicas = Array.from({ length: REPLICAS }, (_, i) =>
    createReplicaProcess({
      name: `replica-${i}`,
      document: vendors.document,
      store: { url: primary.url(address.port) },
      sessionMs: SESSION_MS,
      settleMs: SETTLE_MS,
    }),
  );
  try {
    await Promise.all(replicas.map(({ start }) => start()));
    const callers = startCallers(replicas, vendors.profiles, CALLERS, random, true);
    const applied = (): Asked[] => callers.asked.filter(({ outcome }) => outcome === 'applied');
    await sleep(loadMs);
    while (applied().length < REPEATS_MIN) await sleep(10);
    if (lagMs > 0) standby.replication.stall();
    await sleep(lagMs);
    const answered = applied().slice(-REPEATS);
    const before = callers.asked.length;
    const killedMs = performance.now();
    primary.kill();
    await sleep(NOTICE_MS);
    await standby.promote();
    address.lead(standby.port);
    address.cut();
    const isBack = (): boolean =>
      callers.asked.slice(before).some(({ outcome }) => outcome === 'applied');
    while (!isBack()) await sleep(10);
    const outageMs = Math.round(performance.now() - killedMs);
    await sleep(loadMs);
    await callers.stop();
    await sleep(2 * SESSION_MS + SETTLE_MS + LATE_MS_MAX);
    const database = await openStore({ url: primary.url(standby.port) }, 5_000);
    const receipts = await allReceipts(database);
    await database.close();
    const { arrived, effects } = vendors;
    const findings = findFaults({ asked: callers.asked, arrived, effects: effects(), receipts });
    const refused = callers.asked.filter(({ code }) => code === 'state_unavailable').length;
    const repeats = await repeat(answered, replicas[0]?.origin() ?? '');
    return { findings, writes: callers.asked.length, refused, outageMs, repeats };
  } finally {
    await Promise.all(replicas.map(({ kill }) => kill()));
    await vendors.close();
    await address.close();
    await standby.remove();
    primary.remove();
  }
}

/** Sends writes again under their keys, whose callers knew that they were applied. */
async function repeat(answered: readonly Asked[], origin: string) {
  let replayed = 0;
  for (const one of answered) if (await ask(origin, { ...one }, true)) replayed += 1;
  return { answered: replayed, sentAgain: answered.length - replayed };
}
