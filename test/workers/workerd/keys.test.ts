import { runDurableObjectAlarm, runInDurableObject, SELF } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { OBJECT_ANSWER_BYTES_MAX, OBJECT_ANSWERS_MAX } from '../../../src/limits.ts';
import { ANSWER_MS } from '../../../src/state/answers.ts';
import { createStoredAnswers } from '../../../src/workers/object/answer-storage.ts';

const demo = createSandboxSet(Date.now, sandboxes).demos.find(
  ({ target }) => target === 'nerm-demo',
);
const KEY = `account nerm https://sandboxes.invalid/nerm/api\n${demo?.id}`;
const SECRET = 'CANARY-KEY';

const noAlarm = (): void => {};

/** Asks the Worker in front for a patch with a key. */
async function ask(by: string, key = `"${SECRET}"`) {
  const answer = await SELF.fetch(`http://localhost/profiles/nerm-demo:${demo?.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json', 'idempotency-key': key },
    body: JSON.stringify({ attributes: { remarks: by } }),
  });
  const { headers, status } = answer;
  return { status, headers, text: await answer.text() };
}

test('a repeat is answered by the object of the profile, through the Worker in front', async () => {
  const first = await ask('a key');
  expect(first.status).toBe(200);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  const second = await ask('a key');
  expect(second.text).toBe(first.text);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  for (const name of ['x-write-id', 'etag', 'x-gateway-sandbox']) {
    expect(second.headers.get(name)).toBe(first.headers.get(name));
  }
  const reused = await ask('another');
  expect([reused.status, JSON.parse(reused.text).code]).toEqual([422, 'idempotency_key_reused']);
  const invalid = await ask('a key', '"');
  expect([invalid.status, JSON.parse(invalid.text).code]).toEqual([400, 'invalid_idempotency_key']);
});

test('the storage of the object shows neither the key nor the answer', async () => {
  expect((await ask('CANARY value', 'CANARY-KEY-2')).status).toBe(200);
  await runInDurableObject(env.PROFILE_WRITER.getByName(KEY), (_, { storage }) => {
    const stored = [...storage.kv.list()];
    expect(stored.map(([name]) => name)).toContain('answers');
    expect(JSON.stringify(stored)).not.toContain('CANARY');
  });
});

test('of two at once one is written, and the other is refused or answered like it', async () => {
  const answers = await Promise.all(['1', '1', '1'].map((by) => ask(by, 'at-once')));
  const made = answers.filter(
    ({ headers, status }) => status === 200 && headers.get('idempotency-replayed') === null,
  );
  expect(made).toHaveLength(1);
  for (const { status } of answers) expect([200, 409]).toContain(status);
});

test('the alarm removes what has expired', async () => {
  const stub = env.PROFILE_WRITER.getByName('an object of answers');
  const names = () =>
    runInDurableObject(stub, (_, { storage }) => [...storage.kv.list()].map(([name]) => name));
  await runInDurableObject(stub, (_, { storage }) => {
    const nowMs = Date.now();
    createStoredAnswers(storage, noAlarm, () => nowMs - ANSWER_MS).store(answer('old'));
    createStoredAnswers(storage, noAlarm, () => nowMs - 1_000).store(answer('young'));
    return storage.setAlarm(nowMs + 60_000);
  });
  await runDurableObjectAlarm(stub);
  expect(await names()).toEqual(['answer/young', 'answers']);
  const dueMs = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
  expect(Math.abs((dueMs ?? 0) - Date.now() - ANSWER_MS)).toBeLessThan(60_000);
});

const answer = (keyHash: string, more = {}) => ({
  caller: '',
  id: 'id',
  keyHash,
  fingerprint: 'f',
  outcome: 'applied',
  sealed: 's',
  writeId: 'w',
  ...more,
});

test('stored answers are found for a day, replaced while unknown, and removed', async () => {
  const stub = env.PROFILE_WRITER.getByName('a list of answers');
  await runInDurableObject(stub, (_, { storage }) => {
    let nowMs = Date.now();
    const answers = createStoredAnswers(storage, noAlarm, () => nowMs);
    answers.store(answer('a', { outcome: 'unknown' }));
    nowMs += 1_000;
    answers.replace(answer('a', { sealed: 'known', writeId: 'other' }));
    expect(answers.find('a')).toMatchObject({ sealed: 's', ageMs: 1_000 });
    answers.replace(answer('a', { sealed: 'known' }));
    answers.replace(answer('a', { sealed: 'later' }));
    answers.replace(answer('none'));
    expect(answers.find('a')).toMatchObject({ outcome: 'applied', sealed: 'known', ageMs: 1_000 });
    expect(answers.find('none')).toBeUndefined();
    // Another object of the class over the same storage, as after an eviction.
    expect(createStoredAnswers(storage, noAlarm, () => nowMs).find('a')).toBeDefined();
    nowMs += ANSWER_MS;
    expect(answers.find('a')).toBeUndefined();
    answers.store(answer('b'));
    expect([...storage.kv.list()].map(([name]) => name)).toEqual(['answer/b', 'answers']);
    answers.remove('b');
    expect([...storage.kv.list()]).toEqual([]);
  });
});

test('an object keeps a bounded number of answers, and of their bytes', async () => {
  const stub = env.PROFILE_WRITER.getByName('many answers');
  await runInDurableObject(stub, (_, { storage }) => {
    const answers = createStoredAnswers(storage, noAlarm);
    for (let i = 0; i <= OBJECT_ANSWERS_MAX; i += 1) answers.store(answer(`k${i}`));
    expect([answers.find('k0'), answers.find('k1')?.sealed]).toEqual([undefined, 's']);
    const sealed = 'x'.repeat(1_500_000);
    const fitting = Math.floor(OBJECT_ANSWER_BYTES_MAX / sealed.length);
    for (let i = 0; i <= fitting; i += 1) answers.store(answer(`large${i}`, { sealed }));
    expect([answers.find('k1'), answers.find('large0')]).toEqual([undefined, undefined]);
    expect(answers.find('large1')?.sealed).toHaveLength(sealed.length);
  });
});
