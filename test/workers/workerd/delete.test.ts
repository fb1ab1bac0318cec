import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';

const demo = createSandboxSet(Date.now, sandboxes).demos.find(
  ({ target }) => target === 'naver-demo',
);
const KEY = `account naver https://sandboxes.invalid/naver\n${demo?.id}`;
const URL = `http://localhost/profiles/naver-demo:${demo?.id}`;

const removeBy = (name: string): Promise<Response> =>
  env.PROFILE_WRITER.getByName(name).fetch(URL, { method: 'DELETE' });

/** NAVER deletes no profile that is active. */
const suspend = (): Promise<Response> =>
  env.PROFILE_WRITER.getByName(KEY).fetch(URL, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ status: 'inactive' }),
  });

test('an object deletes its own profile, once, and no other', async () => {
  const other = await removeBy('account naver https://sandboxes.invalid/naver\nanother');
  expect(await other.json()).toMatchObject({ code: 'overloaded', outcome: 'rejected' });
  expect((await suspend()).status).toBe(200);
  const removed = await removeBy(KEY);
  expect([removed.status, await removed.text()]).toEqual([204, '']);
  expect(removed.headers.get('x-write-id')).toMatch(/^[0-9a-f-]{36}$/);
  const again = await removeBy(KEY);
  expect(await again.json()).toMatchObject({ status: 404, code: 'profile_not_found' });
});

test('the code of a Worker lists the profiles of a target', async () => {
  const answer = await env.PROFILE_WRITER.getByName(KEY).fetch(
    'http://localhost/profiles?target=nerm-demo&limit=1',
  );
  const page = await answer.json();
  expect(page).toMatchObject({ target: 'nerm-demo', omitted: [], next: expect.any(String) });
});
