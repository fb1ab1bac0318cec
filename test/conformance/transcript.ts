import { expect } from 'vitest';
import { type Adapter, own, ownObject } from '../../src/adapter-kit/index.ts';
import { type Answer, type Bench, codeOf, contentOf, createBench, outcomeOf } from './bench.ts';
import { createPlayer, type Player, type Recording } from './recorded.ts';

/** What a recording led to. */
export type Replay = {
  readonly bench: Bench;
  readonly player: Player;
  readonly answer: Answer;
};

/** Plays a recording to the gateway and asks what was asked then. */
export async function replay(recording: Recording, adapter?: Adapter): Promise<Replay> {
  const { id, settings, vendor } = recording;
  const player = createPlayer(recording);
  const bench = await createBench({ vendor, settings, send: player.send, adapter });
  const answer = await bench.ask({ id, ...questionOf(recording) });
  return { bench, player, answer };
}

/** What a recording asks beside the id. */
export function questionOf({ handling = 'strict', operation, patch }: Recording) {
  if (operation === 'read') return {};
  return { patch: JSON.stringify(patch), headers: { prefer: `handling=${handling}` } };
}

/** Only the recorded requests were sent, all of them, and the gateway said what is expected. */
export function expectAsRecorded({ answer, player }: Replay, recording: Recording): void {
  expect(player.unexpected).toEqual([]);
  expect(toldOf(answer, recording)).toEqual(expected(recording));
  expect(player.left()).toBe(0);
  expectNothingHidden(answer);
}

/** No text had to be cleaned of a secret: an adapter puts none into what it tells. */
export function expectNothingHidden({ body }: Answer): void {
  expect(JSON.stringify(body)).not.toContain('«secret:');
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
