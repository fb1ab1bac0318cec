import { expect, test } from 'vitest';
import type { Result, Token } from '../../../src/adapter-kit/index.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { createCredentials } from '../../../src/upstream/credentials.ts';

type Acquired = Result<Token>;

const token: Token = { headers: { 'x-auth-token': 'token' }, expiresInSeconds: 3600 };
const acquired: Acquired = { ok: true, value: token };
const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
const LONG_MS = 60_000;
const never = () => new Promise<never>(() => {});

test('whoever waits for an acquisition gets its result', async () => {
  const credentials = createCredentials(systemClock, 10);
  const first = Promise.withResolvers<Acquired>();
  const answers = [
    credentials.token(() => first.promise, LONG_MS),
    credentials.token(never, LONG_MS),
    credentials.token(never, LONG_MS),
  ];
  first.resolve(acquired);
  expect(await Promise.all(answers)).toEqual([acquired, acquired, acquired]);
});

test('an acquisition that never ends holds nobody for long, and one of those waiting repeats it', async () => {
  const credentials = createCredentials(systemClock, 10);
  let repeats = 0;
  const repeat = async (): Promise<Acquired> => {
    repeats += 1;
    await soon();
    return acquired;
  };
  void credentials.token(never, LONG_MS);
  const waiting = Array.from({ length: 20 }, () => credentials.token(repeat, 5));
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => acquired));
  expect(repeats).toBe(1);
  expect(await credentials.token(never, LONG_MS)).toEqual(acquired);
});

test('two of them that never end leave everybody to acquire for themselves', async () => {
  const credentials = createCredentials(systemClock, 10);
  void credentials.token(never, LONG_MS);
  void credentials.token(never, 5);
  const answer = credentials.token(() => Promise.resolve(acquired), 5);
  expect(await answer).toEqual(acquired);
});
