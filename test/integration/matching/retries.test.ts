import { expect, test } from 'vitest';
import { createMatchRunner } from '../../../src/matching/match-runner.ts';
import { FIRST_PROGRESS, matchSpecOf } from '../../../src/matching/match-spec.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { systemClock } from '../../../src/state/clock.ts';
import type { MatchStore } from '../../../src/state/matches/match-store.ts';
import { StateUnavailable } from '../../../src/state/state-database.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { receiptRow } from '../../state/suite/store.ts';
import { waitFor } from '../lifecycle/operating.ts';
import { plantedLists, SPEC } from './planted.ts';

const RUN = 'a-run';

/** A store whose calls each fail once, and the names of those that were called. */
function faltering(store: MatchStore) {
  const called: string[] = [];
  const entries = Object.entries(store).map(([name, call]) => {
    const any = call as (...given: readonly unknown[]) => Promise<unknown>;
    const failing = (...given: readonly unknown[]) => {
      const isFirst = !called.includes(name);
      called.push(name);
      return isFirst ? Promise.reject(new StateUnavailable('too late')) : any(...given);
    };
    return [name, failing];
  });
  return { called, store: Object.fromEntries(entries) as MatchStore };
}

test(
  'a match run goes on where any call of the state is answered the second time',
  inFolder(async (folder) => {
    const path = `${folder}/state.db`;
    const database = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 2_000 });
    const { matches } = database;
    const spec = matchSpecOf({ ...SPEC, targets: ['acme', 'far'] });
    const texts = { spec: JSON.stringify(spec), progress: JSON.stringify(FIRST_PROGRESS) };
    await matches.addRun({ id: RUN, by: '', ...texts }, receiptRow('w1'));
    const lease = await matches.claimRun(RUN, 60_000);
    if (lease === undefined) throw new Error('the run is taken');
    const { called, store } = faltering(matches);
    const errors: unknown[] = [];
    const runner = createMatchRunner(
      {
        store,
        linkChanges: database.linkChanges,
        follow: async () => {},
        links: () => undefined,
        listPage: plantedLists({ acme: { a1: 'Dana' }, far: { b1: 'Dana' } }).listPage,
        hash: (text) => text,
        monotonicMs: systemClock.monotonicMs,
        sleep: async () => {},
      },
      (error) => errors.push(error),
    );
    runner.start(lease);
    await waitFor(async () => (await matches.run(RUN))?.state === 'ready');
    await waitFor(() => called.includes('runsToRemove'));
    const names = ['run', 'storeStep', 'clearLinks', 'groupsAfter', 'runsToRemove'];
    expect([...new Set(called)].toSorted()).toEqual(names.toSorted());
    // What is left of earlier runs is removed after the run, and at the next one where that fails.
    expect(called.at(-1)).toBe('runsToRemove');
    await runner.close();
    expect(errors).toEqual([new StateUnavailable('too late')]);
    await database.close();
  }),
);
