import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { own, ownObject } from '../../src/contract/index.ts';
import { type Answer, codeOf, contentOf, createBench, outcomeOf } from './bench.ts';
import { createPlayer, type Recording, recordings } from './recorded.ts';

/** Cases that every vendor must have on record. */
const CASES_REQUIRED = [
  'read.ok',
  'read.missing',
  'read.denied',
  'read.limited',
  'read.malformed',
  'patch.ok',
  'patch.clear',
  'patch.refused',
  'patch.unavailable',
];

describe.each(adapters)('$vendor', ({ vendor }) => {
  const own = recordings.filter((recording) => recording.vendor === vendor);

  test('the usual cases are on record', () => {
    const names = own.map(({ name }) => name);
    expect(CASES_REQUIRED.filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(own)('$name', async (recording) => {
    const player = createPlayer(recording);
    const { id, settings } = recording;
    const { ask } = await createBench({ vendor, settings, send: player.send });
    const answer = await ask({ id, ...patchOf(recording) });
    expect(player.unexpected).toEqual([]);
    expect(toldOf(answer, recording)).toEqual(expected(recording));
    expect(player.left()).toBe(0);
  });
});

function patchOf({ handling, operation, patch }: Recording) {
  if (operation === 'read') return {};
  const headers = { prefer: `handling=${handling ?? 'strict'}` };
  return { patch: JSON.stringify(patch), headers };
}

/** What the gateway said, in the form of a recording's expectation. */
function toldOf(answer: Answer, { operation }: Recording) {
  const write = ownObject(answer.body, 'write');
  if (answer.status !== 200) {
    return operation === 'read'
      ? { code: codeOf(answer) }
      : { code: codeOf(answer), outcome: outcomeOf(answer) };
  }
  if (write === undefined) return { content: contentOf(answer) };
  return {
    outcome: outcomeOf(answer),
    content: contentOf(answer),
    losses: own(write, 'losses'),
    unconfirmed: own(write, 'unconfirmed'),
  };
}

function expected({
  expect: { code, content, losses, outcome, unconfirmed },
  operation,
}: Recording) {
  if (code !== undefined) return operation === 'read' ? { code } : { code, outcome };
  return operation === 'read' ? { content } : { outcome, content, losses, unconfirmed };
}
