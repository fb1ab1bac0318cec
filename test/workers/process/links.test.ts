import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectProblem, patch, read } from '../../support/client.ts';
import { NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';
import {
  AUTHORIZED,
  CALLER_KEY,
  configurationFor,
  type RunningSandboxes,
  type RunningWorker,
  startSandboxes,
  startWorker,
} from './worker.ts';

let sandboxes: RunningSandboxes;
let worker: RunningWorker;

beforeAll(async () => {
  sandboxes = await startSandboxes();
  const routes = [
    { match: { header: { 'x-tenant': 'acme' }, caller: 'portal' }, to: 'nerm-demo' },
    { match: { id: 'emp-*' }, to: 'senlin-demo' },
  ];
  const configuration = { ...configurationFor(sandboxes), links: 'LINKS', routes };
  worker = await startWorker({
    vars: { GATEWAY_CONFIG: JSON.stringify(configuration) },
    secrets: { PORTAL_KEY: CALLER_KEY },
    links: {
      'emp-17': JSON.stringify({
        'nerm-demo': upstreamIdOf(NERM),
        'senlin-demo': upstreamIdOf(SENLIN),
      }),
      'emp-18': JSON.stringify({ 'nerm-demo': upstreamIdOf(NERM) }),
      'emp-bad': 'no link',
    },
  });
});
afterAll(async () => {
  await worker.stop();
  await sandboxes.stop();
});

test('a linked profile is written by its one writer, where the rules lead', async () => {
  for (const [headers, target, id] of [
    [AUTHORIZED, 'senlin-demo', SENLIN],
    [{ ...AUTHORIZED, 'x-tenant': 'acme' }, 'nerm-demo', NERM],
  ] as const) {
    const name = `Linked-${target}`;
    const written = await patch(worker.origin, 'emp-17', { name }, headers);
    expect(written.json).toMatchObject({
      profile: { id: 'emp-17', target, upstreamId: upstreamIdOf(id), name },
      write: { outcome: 'applied', target, lockScope: 'global' },
    });
    const got = await read(worker.origin, 'emp-17', headers);
    expect(got.json.profile).toEqual(written.json.profile);
    expect((await read(worker.origin, id, AUTHORIZED)).json.profile).toMatchObject({ name });
  }
});

test('an id without a link where it is led to is refused, and so is what is no link', async () => {
  for (const ask of [read, (origin: string, id: string) => patch(origin, id, {}, AUTHORIZED)]) {
    expectProblem(await ask(worker.origin, 'emp-18', AUTHORIZED), 404, 'link_not_found');
    expectProblem(await ask(worker.origin, 'emp-bad', AUTHORIZED), 500, 'internal_error');
    expectProblem(await ask(worker.origin, 'crm-1', AUTHORIZED), 404, 'route_not_found');
  }
});
