import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectProblem, part, patch, read } from '../../support/client.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from '../../support/issuer.ts';
import { SENLIN } from '../../support/profiles.ts';
import {
  configurationFor,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorker,
} from './worker.ts';

let issuer: Issuer;
let sandboxes: RunningSandboxes;
let worker: RunningWorker;
beforeAll(async () => {
  issuer = await startIssuer('ES256');
  sandboxes = await startSandboxes();
  const jwt = { jwksUrl: issuer.jwksUrl, issuer: ISSUER, audience: AUDIENCE };
  const scopes = ['profiles:read', 'profiles:write'];
  const limits = { requestsPerSecond: 0.001, burst: 4 };
  const callers = { billing: { jwt, scopes, limits } };
  const configuration = { ...configurationFor(sandboxes), callers };
  worker = await startWorker({ vars: { GATEWAY_CONFIG: JSON.stringify(configuration) } });
});
afterAll(async () => {
  await worker.stop();
  await sandboxes.stop();
  await issuer.stop();
});

it('a Worker judges tokens and counts reads and writes together, before a writer is woken', async () => {
  const token = { authorization: `Bearer ${await issuer.sign()}` };
  const header = Buffer.from('{"alg":"none"}').toString('base64url');
  const none = `Bearer ${header}.${token.authorization.split('.')[1]}.`;
  const refused = await patch(worker.origin, SENLIN, { name: 'x' }, { authorization: none });
  expectProblem(refused, 401, 'unauthenticated');

  const written = [
    await patch(worker.origin, SENLIN, { name: 'by_token_1' }, token),
    await read(worker.origin, SENLIN, token),
    await patch(worker.origin, SENLIN, { name: 'by_token_2' }, token),
    await read(worker.origin, 'nowhere:1', token),
  ];
  expect(written.map(({ status }) => status)).toEqual([200, 200, 200, 404]);
  expect(part(written[2] ?? refused, 'write')).toMatchObject({ lockScope: 'global' });
  expect(written.map(({ headers }) => String(headers.ratelimit).split(';')[1])).toEqual([
    'r=3',
    'r=2',
    'r=1',
    'r=0',
  ]);
  const exceeded = await patch(worker.origin, SENLIN, { name: 'by_token_3' }, token);
  expectProblem(exceeded, 429, 'rate_limited');
});
