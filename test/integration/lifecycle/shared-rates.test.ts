import { expect, test } from 'vitest';
import type { TestReplica } from '../../state/replicas.ts';
import { ask, operated, waitFor, withReplicas } from './operating.ts';

const callers = operated.callers as Record<string, object>;
const limits = { requestsPerSecond: 1, burst: 30 };
const document = {
  ...operated,
  callers: { ...callers, watcher: { ...callers.watcher, limits } },
} as typeof operated;

/** Asks until the rate is used up; how many requests were admitted. */
async function admitted(replica: TestReplica): Promise<number> {
  for (let count = 0; ; count += 1) {
    const answer = await ask(replica, 'GET', '/admin/config', { by: 'watcher' });
    if (answer.status === 429) return count;
  }
}

test(
  'the rate of a caller is shared by the replicas that live, without a query per request',
  withReplicas(async (start) => {
    const replicas = await Promise.all(['a', 'b', 'c'].map((name) => start(name, { document })));
    const [a, b, c] = replicas as [TestReplica, TestReplica, TestReplica];
    await waitFor(() => replicas.every(({ shared }) => shared.liveReplicas() === 3));
    const first = await ask(a, 'GET', '/admin/config', { by: 'watcher' });
    expect(first.headers.get('ratelimit-policy')).toBe('"caller";q=10;w=30');
    const each = [await admitted(a), await admitted(b), await admitted(c)];
    // One of them was counted above, and one more may have come since.
    expect(each[0]).toBeLessThanOrEqual(10);
    for (const count of each) expect(count).toBeGreaterThanOrEqual(9);
    for (const count of each) expect(count).toBeLessThanOrEqual(11);
    await c.shared.close();
    await waitFor(() => a.shared.liveReplicas() === 2);
    const later = await ask(a, 'GET', '/admin/config', { by: 'watcher' });
    expect(later.headers.get('ratelimit-policy')).toBe('"caller";q=15;w=30');
  }),
);
