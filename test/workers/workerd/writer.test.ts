import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { createStoredDoubts } from '../../../src/workers/object/in-doubt-storage.ts';

const demo = createSandboxSet(Date.now, sandboxes).demos.find(
  ({ target }) => target === 'senlin-demo',
);

/** The key of the demo's profile: its account is the address of its sandbox. */
const KEY = `account senlin https://sandboxes.invalid/senlin\n${demo?.id}`;

/** Hands the demo's patch to the object of `name`, as the Worker in front does. */
async function patchBy(
  name: string,
  [method, path]: readonly [string, string] = ['PATCH', ''],
): Promise<{ status: number; answer: unknown }> {
  const answer = await env.PROFILE_WRITER.getByName(name).fetch(
    `http://localhost/profiles/senlin-demo:${demo?.id}${path}`,
    {
      method,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ attributes: { by: name } }),
    },
  );
  return { status: answer.status, answer: await answer.json() };
}

test('an object writes its own profile', async () => {
  const { answer, status } = await patchBy(KEY);
  expect(answer).toMatchObject({ write: { outcome: 'applied', lockScope: 'global' } });
  expect(status).toBe(200);
});

test('an object refuses every other profile and writes nothing', async () => {
  const { answer, status } = await patchBy(
    'account senlin https://sandboxes.invalid/senlin\nanother',
  );
  expect(answer).toMatchObject({ code: 'overloaded', outcome: 'rejected' });
  expect(status).toBe(503);
});

test('what is in doubt outlives the object that was evicted', async () => {
  const name = KEY;
  const stub = env.PROFILE_WRITER.getByName(name);
  const doubted = await runInDurableObject(stub, (_, { storage }) => {
    // A write without a key that was answered leaves nothing behind.
    const left = [...storage.kv.list()].filter(([name]) => !name.startsWith('answer'));
    storage.kv.put(name, { untilMs: Date.now() + 60_000, lengthMs: 60_000 });
    return left;
  });
  expect(doubted).toEqual([]);
  const { answer, status } = await patchBy(name);
  expect(answer).toMatchObject({ code: 'profile_in_doubt', outcome: 'rejected' });
  expect(status).toBe(503);
  const explained = await patchBy(name, ['POST', '/explain']);
  expect(explained.answer).toMatchObject({
    prediction: 'rejected',
    problem: { code: 'profile_in_doubt' },
  });
  await runInDurableObject(stub, (_, { storage }) =>
    storage.kv.put(name, { untilMs: Date.now() - 1, lengthMs: 60_000 }),
  );
  expect((await patchBy(name)).status).toBe(200);
});

test('a doubt lasts no longer than its length, whichever way the clock is set', async () => {
  const stub = env.PROFILE_WRITER.getByName('a clock that is set');
  await runInDurableObject(stub, (_, { storage }) => {
    let nowMs = Date.now();
    const doubts = createStoredDoubts(storage, () => nowMs);
    const left = (): number => doubts.leftMs('key');
    doubts.mark('key', 60_000);
    nowMs -= 3_600_000;
    expect(left()).toBe(60_000);
    nowMs += 59_000;
    expect(left()).toBe(1_000);
    doubts.mark('key', 500);
    expect(left()).toBe(1_000);
    nowMs += 1_000;
    expect([left(), storage.kv.get('key')]).toEqual([0, undefined]);
    expect(doubts.leftMs('another')).toBe(0);
  });
});
