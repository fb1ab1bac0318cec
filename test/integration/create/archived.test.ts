import { expect, it } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { startStage } from './stage.ts';

const ID = SEEDED_IDS.plain;
const PATH = `/profiles/nerm-demo:${ID}`;

/** A profile that another client archives once the delete has read it, at most once. */
async function startArchiving(isDelivered: boolean, isAnswered: boolean) {
  const stage = await startStage();
  const seen = { deletes: 0 };
  stage.stage.passage = async (request, deliver) => {
    if (request.method !== 'DELETE') return deliver();
    seen.deletes += 1;
    stage.sandboxAt('nerm-demo').outsideWrite(ID, { archived: true });
    const answer = isDelivered ? await deliver() : undefined;
    if (answer === undefined || !isAnswered) throw new Error('lost');
    return answer;
  };
  return { stage, seen };
}

it.each([
  ['before the delete comes, which is refused', true, true],
  ['before the delete comes, and its answer is lost', true, false],
  ['after a delete that never comes', false, false],
])('a profile that is archived %s is not called deleted', async (_, isDelivered, isAnswered) => {
  const { seen, stage } = await startArchiving(isDelivered, isAnswered);
  const answer = await stage.ask('DELETE', PATH);
  expect([answer.status, answer.body.outcome, answer.body.reason], answer.text).toEqual([
    504,
    'unknown',
    'deleted_or_hidden',
  ]);
  expect(stage.sandboxAt('nerm-demo').stored(ID)).toMatchObject({ archived: true });
  // A profile that cannot be seen is not sent another delete.
  expect(seen.deletes).toBe(1);
});
