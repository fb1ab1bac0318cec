import { expect, test } from 'vitest';
import { ANSWER_MS, createMemoryAnswers } from '../../../src/state/answers.ts';

const KEY = { caller: 'crm', id: 'acme:1', fingerprint: 'f' };
const answer = (keyHash: string, sealed = 'sealed', outcome = 'applied', writeId = 'w') => ({
  ...KEY,
  keyHash,
  outcome,
  sealed,
  writeId,
});

function start(bounds: { countMax?: number; bytesMax?: number } = {}) {
  const clock = { ms: 0 };
  const answers = createMemoryAnswers({ monotonicMs: () => clock.ms, ...bounds });
  const kept = (...names: readonly string[]) =>
    names.filter((name) => answers.find(name) !== undefined);
  return { answers, clock, kept };
}

test('an answer is found with its age, for a day', () => {
  const { answers, clock } = start();
  answers.store(answer('a'));
  clock.ms = 5_000;
  const found = { fingerprint: 'f', outcome: 'applied', sealed: 'sealed', writeId: 'w' };
  expect(answers.find('a')).toEqual({ ...found, ageMs: 5_000 });
  expect(answers.find('b')).toBeUndefined();
  clock.ms = ANSWER_MS - 1;
  expect(answers.find('a')).toBeDefined();
  clock.ms = ANSWER_MS;
  expect(answers.find('a')).toBeUndefined();
});

test('beyond the bound of their number the oldest go', () => {
  const { answers, kept } = start({ countMax: 2 });
  for (const name of ['a', 'b', 'a', 'c']) answers.store(answer(name));
  expect(kept('a', 'b', 'c')).toEqual(['a', 'c']);
});

test('beyond the bound of their bytes the oldest go, as many as it takes', () => {
  const { answers, kept } = start({ bytesMax: 10 });
  for (const name of ['a', 'b', 'c']) answers.store(answer(name, '123'));
  answers.store(answer('d', '1234567'));
  expect(kept('a', 'b', 'c', 'd')).toEqual(['c', 'd']);
  answers.remove('d');
  answers.store(answer('e', '1234567'));
  expect(kept('c', 'd', 'e')).toEqual(['c', 'e']);
});

test('what has expired goes with the next one that is stored', () => {
  const { answers, clock, kept } = start({ bytesMax: 6 });
  answers.store(answer('a', '123456', 'unknown'));
  clock.ms = ANSWER_MS;
  answers.store(answer('b', '123456'));
  clock.ms = 0;
  expect(kept('a', 'b')).toEqual(['b']);
});

test('only what is not known, or sealed for nobody, is replaced, and keeps its age', () => {
  const { answers, clock } = start();
  answers.store(answer('unknown', 'x', 'unknown'));
  answers.store(answer('empty', ''));
  answers.store(answer('known', 'x'));
  clock.ms = 1_000;
  for (const name of ['unknown', 'empty', 'known', 'none']) answers.replace(answer(name, 'new'));
  expect(answers.find('unknown')).toMatchObject({
    outcome: 'applied',
    sealed: 'new',
    ageMs: 1_000,
  });
  expect(answers.find('empty')).toMatchObject({ sealed: 'new' });
  expect(answers.find('known')).toMatchObject({ sealed: 'x' });
  expect(answers.find('none')).toBeUndefined();
  answers.store(answer('other', 'x', 'unknown', 'w2'));
  answers.replace(answer('other', 'new'));
  expect(answers.find('other')).toMatchObject({ sealed: 'x' });
});

test('a replaced answer counts with its new bytes', () => {
  const { answers, kept } = start({ bytesMax: 10 });
  answers.store(answer('a', '', 'unknown'));
  answers.replace(answer('a', '1234567'));
  answers.store(answer('b', '1234'));
  expect(kept('a', 'b')).toEqual(['b']);
});
