import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { SENLIN } from '../../support/profiles.ts';
import { corsHeaders, expectOnlyPage, PAGE } from './cors-calls.ts';

const KEY = 'key-of-a-page-000001';
const callers = { page: { key: KEY, scopes: ['profiles:read', 'profiles:write', 'admin'] } };
const headers = { authorization: `Bearer ${KEY}` };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({ callers, cors: { origins: [PAGE] } });
});
afterAll(() => gateway.stop());

const preflight = (asked: string) => ({
  method: 'OPTIONS',
  headers: {
    origin: PAGE,
    'access-control-request-method': 'GET',
    'access-control-request-headers': asked,
  },
});

describe('pages of other origins', () => {
  it('may call if the origin is listed, and not otherwise', () =>
    expectOnlyPage(gateway.origin, SENLIN, headers));

  it.each(['a b', 'a,,b', 'x'.repeat(1_001)])('may not ask for %j', async (asked) => {
    const answer = await call(gateway.origin, `/profiles/${SENLIN}`, preflight(asked));
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': PAGE });
    expect(answer.headers).not.toHaveProperty('access-control-allow-headers');
  });

  it('get a plain answer to OPTIONS that is no preflight', async () => {
    const options = { method: 'OPTIONS', headers: { origin: PAGE } };
    const answer = await call(gateway.origin, `/profiles/${SENLIN}`, options);
    expect(answer.headers).not.toHaveProperty('access-control-allow-methods');
    expect(answer.headers.allow).toContain('PATCH');
  });

  it('may not call by default', async () => {
    await gateway.reload({ callers });
    const path = `/profiles/${SENLIN}`;
    const answers = [
      await call(gateway.origin, path, preflight('authorization')),
      await call(gateway.origin, path, { headers: { ...headers, origin: PAGE } }),
    ];
    for (const answer of answers) {
      expect(corsHeaders(answer)).toEqual([]);
      expect(answer.headers).not.toHaveProperty('vary');
    }
  });

  it.each([
    ['*'],
    ['null'],
    ['https://*.example.com'],
    ['https://app.example.com/'],
    ['https://app.example.com:443'],
    ['https://App.example.com'],
    ['app.example.com'],
    [''],
  ])('cannot be listed as %j', async (origin) => {
    await expect(gateway.reload({ callers, cors: { origins: [origin] } })).rejects.toThrow(
      'cors.origins.0',
    );
  });

  it('must be on loopback while there are no callers', async () => {
    await expect(gateway.reload({ cors: { origins: [PAGE] } })).rejects.toThrow('must be loopback');
    const near = 'http://localhost:3000';
    await gateway.reload({ cors: { origins: [near] } });
    const options = { headers: { origin: near } };
    const answer = await call(gateway.origin, `/profiles/${SENLIN}`, options);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': near });
  });
});
