import { expect } from 'vitest';
import { codeOf, outcomeOf } from '../bench.ts';
import { FRAGMENTS } from '../hostile-ids.ts';
import { expectTyped } from '../judged.ts';
import { KEPT } from './cases.ts';
import type { Law } from './create-laws.ts';
import { make } from './new-profiles.ts';
import { createStage, type Stage } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The laws of deletes. */
export function removeLaws({ declared }: LifecycleSubject): Law[] {
  if (declared.remove === undefined) return [];
  return [
    { title: 'a delete is done once, and a second one is 404', hold: deletesOnce },
    { title: 'a delete whose answer is lost is as certain as declared', hold: endsAsDeclared },
    { title: 'what the vendor keeps is refused before anything is sent', hold: keepsBuiltIn },
    { title: 'no id deletes another profile', hold: deletesNoOther },
  ];
}

async function deletesOnce(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const [id, other] = [await make(stage), await make(stage, 'eu-de_other')];
  const others = stage.ids().filter((one) => one !== id);
  const kept = others.map((one) => stage.sandbox.stored(one));
  stage.sent.length = 0;
  const answer = await stage.remove(id);
  expect([answer.status, answer.body]).toEqual([204, {}]);
  expect(deletes(stage).map(({ path }) => path.split('/').at(-1))).toEqual([id]);
  expect(stage.sandbox.stored(id)).toBeUndefined();
  const again = await stage.remove(id);
  expect([again.status, codeOf(again)]).toEqual([404, 'profile_not_found']);
  const read = await stage.read(id);
  expect([read.status, codeOf(read)]).toEqual([404, 'profile_not_found']);
  expect(deletes(stage)).toHaveLength(1);
  expect(stage.ids()).toEqual(others);
  expect(others.map((one) => stage.sandbox.stored(one))).toEqual(kept);
  expect((await stage.read(other)).status).toBe(200);
}

async function endsAsDeclared(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject, (send) => async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    if (request.method !== 'DELETE') return answer;
    return { failure: 'reset', sent: true, reason: 'LOST' };
  });
  const id = await make(stage);
  const answer = await stage.remove(id);
  expect(stage.sandbox.stored(id)).toBeUndefined();
  const isProven = subject.declared.remove?.absence === 'deleted';
  expect(isProven ? answer.status : outcomeOf(answer)).toBe(isProven ? 204 : 'unknown');
}

function deletes({ sent }: Stage): Stage['sent'] {
  return sent.filter(({ method }) => method === 'DELETE');
}

async function keepsBuiltIn(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  for (const { id, stored } of KEPT.filter(({ of }) => of.includes(subject.title))) {
    if (stored !== undefined) stage.sandbox.outsideWrite(id, stored);
    const answer = await stage.remove(id);
    expect([answer.status, codeOf(answer), outcomeOf(answer)]).toEqual([
      409,
      'conflict',
      'rejected',
    ]);
    expect((await stage.read(id)).status).toBe(200);
  }
  expect(deletes(stage)).toEqual([]);
}

async function deletesNoOther(subject: LifecycleSubject): Promise<void> {
  const stage = await createStage(subject);
  const id = await make(stage);
  const before = stage.ids();
  const around = FRAGMENTS.flatMap((part) => [part, id + part]);
  for (const hostile of [id.slice(0, 8), id.toUpperCase(), id.replaceAll('-', ''), ...around]) {
    if (hostile === id || hostile === '') continue;
    const answer = await stage.remove(hostile);
    expect(answer.status, hostile).not.toBe(204);
    expectTyped(answer);
  }
  expect(deletes(stage)).toEqual([]);
  expect(stage.ids()).toEqual(before);
}
