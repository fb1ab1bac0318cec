import { expect, test } from 'vitest';
import { createMemoryAnswers } from '../../../src/state/answers.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';
import { createLocalState } from '../../../src/state/local-state.ts';
import type { BeginRequest, Lease } from '../../../src/state/state-store.ts';

function start() {
  const clock = { ms: 0 };
  const monotonicMs = () => clock.ms;
  const answers = createMemoryAnswers({ monotonicMs });
  const doubts = createInDoubtRegistry(monotonicMs);
  return { clock, answers, state: createLocalState({ answers, doubts, lockScope: 'process' }) };
}

const KEY = { caller: 'crm', id: 'acme:1', keyHash: 'k1', fingerprint: 'f' };
const ANSWER = { ...KEY, outcome: 'applied', sealed: 's' };
const FOUND = { fingerprint: 'f', writeId: 'w1', outcome: 'applied', sealed: 's', ageMs: 0 };

const asked = (writeId: string, more: Partial<BeginRequest> = {}): BeginRequest => ({
  key: 'p',
  writeId,
  waitMsMax: 1_000,
  idempotency: KEY,
  ...more,
});

async function begun(state: ReturnType<typeof start>['state'], request: BeginRequest) {
  const lease = await state.begin(request);
  if (lease.kind !== 'begun') throw new Error(lease.kind);
  return lease satisfies Lease;
}

test('a key is under way until its write ends, on every profile, and for no other key', async () => {
  const { state } = start();
  const lease = await begun(state, asked('w1'));
  expect(state.begin(asked('w2'))).toEqual({ kind: 'in_progress' });
  expect(state.begin(asked('w3', { key: 'q' }))).toEqual({ kind: 'in_progress' });
  const other = { ...KEY, keyHash: 'k2' };
  await begun(state, asked('w4', { key: 'q', idempotency: other }));
  await state.end(lease);
  await begun(state, asked('w5'));
});

test('a write that waited for its turn gets the answer that came meanwhile', async () => {
  const { state } = start();
  const first = await begun(state, asked('w0', { idempotency: undefined }));
  const [one, two] = [state.begin(asked('w1')), state.begin(asked('w2'))];
  await state.end(first);
  const lease = await one;
  if (lease.kind !== 'begun') throw new Error(lease.kind);
  await state.end(lease, { answer: ANSWER });
  expect(await two).toEqual({ kind: 'answered', answer: FOUND, leftMs: 0 });
  // It has left its turn.
  await begun(state, asked('w3', { idempotency: undefined }));
});

test('a write that waited for its turn on another profile is told that its key is under way', async () => {
  const { state } = start();
  const first = await begun(state, asked('w0', { idempotency: undefined }));
  const waiting = state.begin(asked('w1'));
  await begun(state, asked('w2', { key: 'q' }));
  await state.end(first);
  expect(await waiting).toEqual({ kind: 'in_progress' });
  await begun(state, asked('w3', { idempotency: undefined }));
});

test('an answer is found at once, whoever writes the profile and though it is in doubt', async () => {
  const { state } = start();
  const lease = await begun(state, asked('w1'));
  state.markInDoubt(lease, 500);
  await state.end(lease, { answer: ANSWER });
  expect(state.begin(asked('w2'))).toEqual({ kind: 'answered', answer: FOUND, leftMs: 500 });
  expect(state.begin(asked('w3', { idempotency: undefined }))).toEqual({
    kind: 'in_doubt',
    leftMs: 500,
  });
});

test('a write that is stopped after its mark leaves its key as unknown', async () => {
  const { answers, state } = start();
  const lease = await begun(state, asked('w1'));
  expect(answers.find('k1')).toBeUndefined();
  state.markInDoubt(lease, 500);
  expect(answers.find('k1')).toMatchObject({ outcome: 'unknown', sealed: '', writeId: 'w1' });
  expect(state.begin(asked('w2'))).toEqual({ kind: 'in_progress' });
  await state.end(lease);
  expect(answers.find('k1')).toBeUndefined();
});
