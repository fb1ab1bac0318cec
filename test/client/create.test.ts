import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProfileClient } from '../../src/client/index.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const PROFILE = {
  target: 'nerm-demo',
  name: 'Made Here',
  status: 'active',
  extensions: { nerm: { profile_type_id: '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76' } },
} as const;

test('a profile is created once, and where it is is known', async () => {
  const client = createProfileClient({ baseUrl: gateway.origin });
  const made = await client.create(PROFILE, { idempotencyKey: 'once' });
  expect(made).toMatchObject({ outcome: 'applied', profile: { name: 'Made Here' } });
  const { location = '' } = made;
  expect(location).toMatch(/^\/profiles\/nerm-demo%3A/);
  const again = await client.create(PROFILE, { idempotencyKey: 'once' });
  expect(again).toMatchObject({ outcome: 'applied', isReplayed: true, location });
  const read = await client.get(decodeURIComponent(location.replace('/profiles/', '')));
  expect(read).toMatchObject({ ok: true, profile: { name: 'Made Here' } });
});

test('what a target does not take is rejected', async () => {
  const client = createProfileClient({ baseUrl: gateway.origin });
  const made = await client.create({ target: 'nerm-demo', name: 'Made' });
  expect(made).toMatchObject({ outcome: 'rejected', code: 'unsupported_patch' });
});
