import { expect, test } from 'vitest';
import { createReplicaSession } from '../../../src/state/replica/replica-session.ts';
import { StateUnavailable } from '../../../src/state/state-database.ts';

test('no session is begun that could not be used', async () => {
  let started = 0;
  let isSlow = true;
  const session = createReplicaSession({
    database: {
      startReplica: async () => {
        started += 1;
        return started;
      },
      beat: async () => [],
      closeReplica: async () => true,
      keysLostMs: async () => {
        if (isSlow) throw new StateUnavailable('slow');
        return 7;
      },
    },
    clock: { now: () => 0, monotonicMs: () => 0 },
    name: 'a',
    version: '1',
    beatMs: 1,
    sessionMs: 5,
    linksVersion: () => 0,
    onBeat: () => {},
    onReachable: () => {},
  });
  try {
    await session.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([started, session.current()]).toEqual([0, undefined]);
    isSlow = false;
    await expect.poll(session.current).toBe(1);
    expect([started, session.keysLostMs()]).toEqual([1, 7]);
  } finally {
    await session.close();
  }
});
