import { describe, expect, test } from 'vitest';
import { catchUp } from '../../../src/matching/catch-up.ts';
import { refuseChoices } from '../../../src/matching/decide.ts';
import type { MatchingPorts } from '../../../src/matching/matching-ports.ts';
import type { TestReplica } from '../../state/replicas.ts';
import { receiptRow } from '../../state/suite/store.ts';
import { ask } from '../lifecycle/operating.ts';
import {
  candidateWith,
  decide,
  hasState,
  plantLink,
  readyRunOf,
  situations,
  withMatching,
} from './planted.ts';

/** The matching of a replica, where `meanwhile` runs once groups were read for the first time. */
function portsWith({ database }: TestReplica, meanwhile: () => Promise<void>): MatchingPorts {
  const { linkChanges, matches } = database;
  let isFirst = true;
  const groupsOf: typeof matches.groupsOf = async (...of) => {
    const groups = await matches.groupsOf(...of);
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return groups;
  };
  const links = () => ({ changes: { below: { digest: '{}' } } });
  return { store: { ...matches, groupsOf }, linkChanges, links } as unknown as MatchingPorts;
}

/** The situations after a run has compared all groups anew. */
async function comparedAnew(replica: TestReplica, id: string) {
  await ask(replica, 'POST', `/admin/matches/${id}/resume`);
  await hasState(replica, id, 'ready');
  return situations(replica, id);
}

describe('a run that reads which links were removed', () => {
  const LINKED = { acme: { a1: 'One', a2: 'Two' }, far: { b1: 'One', b2: 'Two' } };

  /** A run that knows a link which is removed since. */
  async function runWithoutLink(replica: TestReplica): Promise<string> {
    await plantLink(replica, 'emp-9', { acme: 'a1', far: 'b1' });
    const id = await readyRunOf(replica);
    expect(await situations(replica, id)).toMatchObject({ 'a1 b1': 'already_linked' });
    await ask(replica, 'DELETE', '/admin/links/emp-9');
    return id;
  }

  test(
    'compares what they led to, also where another decision is made meanwhile',
    withMatching(LINKED, async (start) => {
      const replica = await start();
      const id = await runWithoutLink(replica);
      const candidate = await candidateWith(replica, id, 'a2');
      const ports = portsWith(replica, async () => {
        await decide(replica, id, 'refuse', { candidates: [{ candidate }] });
      });
      expect(await catchUp(ports, id)).toMatchObject({ ok: true });
      const after = await situations(replica, id);
      expect(after).toEqual({ 'a1 b1': 'unique', 'a2 b2': 'refused' });
      expect(await comparedAnew(replica, id)).toEqual(after);
    }),
  );

  test(
    'compares what they led to with the next decision, where the process ends meanwhile',
    withMatching(LINKED, async (start) => {
      const replica = await start();
      const id = await runWithoutLink(replica);
      const ports = portsWith(replica, () => Promise.reject(new Error('the process ends')));
      await expect(catchUp(ports, id)).rejects.toThrow('the process ends');
      const { json } = await decide(replica, id, 'confirm', { all: 'unique' });
      expect(json).toMatchObject({ confirmed: 2, skipped: [] });
    }),
  );
});

test(
  'pairs that two operators refuse at once are compared with what is left of each group',
  withMatching(
    { acme: { a1: 'One', a2: 'Two' }, far: { b1: 'One', c1: 'One', b2: 'Two', c2: 'Two' } },
    async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const pairsOf = async (n: number) => {
        const candidate = await candidateWith(replica, id, `a${n}`);
        return ['b', 'c'].map((letter) => ({ candidate, upstreamIds: [`a${n}`, `${letter}${n}`] }));
      };
      const [one, two] = [await pairsOf(1), await pairsOf(2)];
      const ports = portsWith(replica, async () => {
        const other = await decide(replica, id, 'refuse', { candidates: two });
        expect(other.json).toMatchObject({ refused: 2 });
      });
      const receipts = { make: () => receiptRow('refusal'), stored: () => {} };
      const done = await refuseChoices(ports, id, one as never, receipts);
      expect(done).toMatchObject({ ok: true, value: { skipped: [] } });
      const after = await situations(replica, id);
      expect(after).toEqual({ 'a1 b1 c1': 'refused', 'a2 b2 c2': 'refused' });
      expect(await comparedAnew(replica, id)).toEqual(after);
    },
  ),
);
