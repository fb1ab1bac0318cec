import { expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { profileKeys } from '../../../src/profiles/begin-write.ts';
import { profileKey } from '../../../src/routing/resolve.ts';
import { createMemoryState } from '../../../src/state/local-state.ts';
import { clockOf } from '../../support/clock.ts';
import { documentWith, nerm } from './read.ts';

const UPSTREAM_ID = '33f072dd-13b4-41e1-8ea0-16f2a59b57c8';

async function version(target: object, previous?: ConfigSnapshot): Promise<ConfigSnapshot> {
  const read = await readConfiguration(documentWith({ targets: { a: { ...nerm, ...target } } }), {
    adapters,
    lookup: { environment: () => 'a-token-that-opens-nothing' },
    clock: clockOf(() => 0),
    digests: nodeDigests,
    previous,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.gateway;
}

test('a profile stays in doubt where a reload gives its target another namespace', async () => {
  const first = await version({});
  const state = createMemoryState(() => 0);
  const [before] = first.targets.values();
  if (before === undefined) throw new Error('no target');
  const key = profileKey({ target: before, upstreamId: UPSTREAM_ID });
  state.markInDoubt({ kind: 'begun', key, writeId: 'w', fence: 0 }, 60_000);
  const renamed = await version({ baseUrl: 'https://other.example.com/api' }, first);
  const again = await version({ baseUrl: 'https://other.example.com/api', timeoutMs: 99 }, renamed);
  for (const [target] of [renamed, again].map(({ targets }) => [...targets.values()])) {
    if (target === undefined) throw new Error('no target');
    const keys = profileKeys({ target, upstreamId: UPSTREAM_ID });
    expect(state.inDoubtMs(keys)).toBe(60_000);
    expect(state.begin({ ...keys, writeId: 'w', waitMsMax: 0 })).toEqual({
      kind: 'in_doubt',
      leftMs: 60_000,
    });
  }
});
