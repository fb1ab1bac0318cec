import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createKeySources } from '../../../src/auth/jwks-cache.ts';
import { createTokenVerifier } from '../../../src/auth/jwt-verifier.ts';
import { JWKS_FRESH_MS, JWKS_RETRY_MS, JWKS_TIMEOUT_MS } from '../../../src/limits.ts';
import { createUndiciSend } from '../../../src/node/http-client/send.ts';
import type { Send } from '../../../src/ports.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { clockOf } from '../../support/clock.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from '../../support/issuer.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

const verifierOf = (keysAt: ReturnType<typeof createKeySources>) => {
  const caller = { name: 'a', scopes: new Set<never>() };
  const { jwksUrl } = issuer;
  const names = { scopeClaim: 'scope', scopeNames: new Map<string, never>(), match: [] };
  return createTokenVerifier(
    [{ caller, jwksUrl, issuer: ISSUER, audience: AUDIENCE, ...names }],
    keysAt,
  );
};

it('keys outlive a version of the configuration, also while the issuer is down', async () => {
  const transport = createUndiciSend();
  const ports = { send: transport.send, ...systemClock };
  const token = await issuer.sign();
  const keysAt = createKeySources();
  expect(await verifierOf(keysAt)(token, ports)).toMatchObject({ caller: { name: 'a' } });
  issuer.answerWith({ status: 503, body: '' });
  expect(await verifierOf(keysAt)(token, ports)).toMatchObject({ caller: { name: 'a' } });
  expect(await verifierOf(createKeySources())(token, ports)).toEqual({
    caller: undefined,
    undecided: true,
  });
  await transport.close();
});

it('many tokens at once fetch the keys once', async () => {
  issuer.answerWith(undefined);
  const transport = createUndiciSend();
  const ports = { send: transport.send, ...systemClock };
  const verify = verifierOf(createKeySources());
  const fetches = issuer.fetches();
  const token = await issuer.sign();
  const verdicts = await Promise.all(Array.from({ length: 50 }, () => verify(token, ports)));
  expect(verdicts.every(({ caller }) => caller?.name === 'a')).toBe(true);
  expect(issuer.fetches()).toBe(fetches + 1);
  await transport.close();
});

it('a source is one for its URL, until a thousand others were asked for', () => {
  const keysAt = createKeySources();
  const first = keysAt('https://a.example.com/');
  for (let i = 0; i < 999; i += 1) keysAt(`https://${i}.example.com/`);
  expect(keysAt('https://a.example.com/')).toBe(first);
  for (let i = 0; i < 1_000; i += 1) keysAt(`https://b${i}.example.com/`);
  expect(keysAt('https://a.example.com/')).not.toBe(first);
});

it('a fetch that never settles makes others wait for twice its timeout at most', async () => {
  const transport = createUndiciSend();
  const clock = { nowMs: Date.now() };
  let fetches = 0;
  const send: typeof transport.send = (...sent) => {
    fetches += 1;
    return fetches === 1 ? new Promise(() => {}) : transport.send(...sent);
  };
  const waits: number[] = [];
  const { setTimeout } = globalThis;
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, ms, ...args) => {
    if (ms === undefined || ms < JWKS_TIMEOUT_MS) return setTimeout(run, ms, ...args);
    waits.push(ms);
    return setTimeout(run, 5, ...args);
  });
  const ports = { send, ...clockOf(() => clock.nowMs) };
  const verify = verifierOf(createKeySources());
  const token = await issuer.sign();
  void verify(token, ports);
  expect(await verify(token, ports)).toMatchObject({ caller: { name: 'a' } });
  spy.mockRestore();
  expect([fetches, waits[0]]).toEqual([2, 2 * JWKS_TIMEOUT_MS]);
  await transport.close();
});

it('keys that are old serve at once, while an issuer that says nothing is asked beside', async () => {
  const transport = createUndiciSend();
  const clock = { nowMs: Date.now() };
  const silent: (() => void)[] = [];
  let isSilent = false;
  const send: Send = (...sent) => {
    if (!isSilent) return transport.send(...sent);
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Send>>>();
    silent.push(() => {
      clock.nowMs += JWKS_TIMEOUT_MS;
      resolve({ failure: 'timeout', sent: true, reason: 'TIMEOUT' });
    });
    return promise;
  };
  const besides: Promise<unknown>[] = [];
  const ports = {
    send,
    ...clockOf(() => clock.nowMs),
    waitUntil: (work: Promise<unknown>) => besides.push(work),
  };
  const verify = verifierOf(createKeySources());
  const seconds = Math.floor(clock.nowMs / 1000);
  const token = await issuer.sign({ claims: { exp: seconds + 7_200 } });
  const isValid = async (): Promise<boolean> => (await verify(token, ports)).caller?.name === 'a';
  expect(await isValid()).toBe(true);

  isSilent = true;
  clock.nowMs += JWKS_FRESH_MS + 1_000;
  expect([await isValid(), await isValid(), await isValid()]).toEqual([true, true, true]);
  expect([silent.length, besides.length]).toEqual([1, 1]);

  // The pause begins when the attempt ends.
  silent[0]?.();
  await besides[0];
  clock.nowMs += JWKS_RETRY_MS - 1;
  expect([await isValid(), silent.length]).toEqual([true, 1]);
  clock.nowMs += 1;
  expect([await isValid(), silent.length]).toEqual([true, 2]);

  // A fetch that nobody ends, as on Workers, is replaced.
  clock.nowMs += 2 * JWKS_TIMEOUT_MS;
  expect(await isValid()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(silent.length).toBe(3);

  isSilent = false;
  silent[2]?.();
  await besides.at(-1);
  clock.nowMs += JWKS_RETRY_MS;
  const fetches = issuer.fetches();
  expect(await isValid()).toBe(true);
  await besides.at(-1);
  expect([await isValid(), issuer.fetches()]).toEqual([true, fetches + 1]);
  await transport.close();
});

it('keys of another process serve as own ones, and older ones replace nothing', async () => {
  issuer.answerWith(undefined);
  const transport = createUndiciSend();
  const ports = { send: transport.send, ...systemClock };
  const fetched: [string, string][] = [];
  const first = createKeySources((...one) => fetched.push(one));
  const token = await issuer.sign();
  expect(await verifierOf(first)(token, ports)).toMatchObject({ caller: { name: 'a' } });
  const [url, text] = fetched[0] ?? ['', ''];
  expect(fetched).toEqual([[issuer.jwksUrl, text]]);

  const count = issuer.fetches();
  const second = createKeySources();
  const atMs = systemClock.monotonicMs();
  second(url).offer(text, atMs);
  second(url).offer('{"keys":[]}', atMs - 1);
  second(url).offer('not a set of keys', atMs + 1);
  expect(await verifierOf(second)(token, ports)).toMatchObject({ caller: { name: 'a' } });
  expect(issuer.fetches()).toBe(count);
  await transport.close();
});
