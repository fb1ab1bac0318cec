import { describe, expect, test } from 'vitest';
import {
  type Fault,
  fail,
  type Result,
  succeed,
  type Token,
} from '../../../src/adapter-kit/index.ts';
import { TOKEN_LIFETIME_MS } from '../../../src/limits.ts';
import { createCredentials } from '../../../src/upstream/credentials.ts';
import { clockOf } from '../../support/clock.ts';

const LONG_MS = 60_000;
const tokenOf = (name: string, more: Partial<Token> = {}): Token => ({
  headers: { 'x-auth-token': name },
  ...more,
});

function bench() {
  const clock = { nowMs: 1_000_000 };
  const credentials = createCredentials(
    clockOf(() => clock.nowMs),
    10,
  );
  let acquired = 0;
  const get = (token: Token = tokenOf('t')): Promise<Result<Token>> =>
    credentials.token(async () => {
      acquired += 1;
      return succeed(token);
    }, LONG_MS);
  return { clock, credentials, get, acquired: () => acquired };
}

describe('a token', () => {
  test('is acquired once for all who ask at once, and kept', async () => {
    const { acquired, get } = bench();
    const tokens = await Promise.all([get(), get(), get()]);
    await get();
    expect(acquired()).toBe(1);
    expect(new Set(tokens.map((t) => t.ok && t.value)).size).toBe(1);
  });

  test('that could not be had is asked for again', async () => {
    const { acquired, credentials, get } = bench();
    const fault: Fault = { code: 'target_unavailable', detail: '', effect: 'none' };
    const refused = await credentials.token(async () => fail(fault), LONG_MS);
    expect(refused.ok).toBe(false);
    expect((await get()).ok).toBe(true);
    expect(acquired()).toBe(1);
  });

  test.each<[string, Partial<Token>, number, number]>([
    ['a moment', { expiresAtMs: 1_000_000 + 100_000 }, 69_999, 70_000],
    ['a span', { expiresInSeconds: 100 }, 69_999, 70_000],
    ['a short span, of which half is used', { expiresInSeconds: 40 }, 19_999, 20_000],
    ['nothing', {}, TOKEN_LIFETIME_MS - 30_001, TOKEN_LIFETIME_MS - 30_000],
    ['a moment that has passed', { expiresAtMs: 1 }, -1, 0],
  ])('is renewed before its end: %s', async (_, life, keptMs, renewedMs) => {
    const { acquired, clock, get } = bench();
    await get(tokenOf('first', life));
    clock.nowMs += keptMs;
    if (keptMs >= 0) await get();
    expect(acquired()).toBe(1);
    clock.nowMs += renewedMs - keptMs;
    await get();
    expect(acquired()).toBe(2);
  });

  test('is dropped by who holds it, not by who holds an older one', async () => {
    const { acquired, credentials, get } = bench();
    const [old, fresh] = [tokenOf('old'), tokenOf('fresh')];
    await get(old);
    credentials.drop(old);
    await get(fresh);
    credentials.drop(old);
    await get();
    expect(acquired()).toBe(2);
  });
});
