import { expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { refuseInDoubt } from '../../../src/profiles/patch-profile.ts';
import { profileKey } from '../../../src/routing/resolve.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';
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
  const doubts = createInDoubtRegistry(() => 0);
  const [before] = first.targets.values();
  if (before === undefined) throw new Error('no target');
  doubts.mark(profileKey({ target: before, upstreamId: UPSTREAM_ID }), 60_000);
  const renamed = await version({ baseUrl: 'https://other.example.com/api' }, first);
  const again = await version({ baseUrl: 'https://other.example.com/api', timeoutMs: 99 }, renamed);
  for (const [target] of [renamed, again].map(({ targets }) => [...targets.values()])) {
    if (target === undefined) throw new Error('no target');
    const refused = refuseInDoubt(doubts, { target, upstreamId: UPSTREAM_ID });
    expect(refused?.code).toBe('profile_in_doubt');
  }
});
