import { expect, test } from 'vitest';
import { ID, type TestReplica } from '../../state/replicas.ts';
import { ask, PROFILE, waitFor, withReplicas } from './operating.ts';

const read = (replica: TestReplica) =>
  ask(replica, 'GET', `/profiles/${PROFILE}`, { by: 'portal' });

/** True while the credential of a target is not sent. */
async function isCooling(replica: TestReplica, name = 'acme'): Promise<boolean> {
  const { json } = await ask(replica, 'GET', '/admin/targets');
  const found = json.targets.find(({ target }: { target: string }) => target === name);
  return found.credentials.coolingDown;
}

test(
  'a credential that the vendor refuses rests at every replica, until one was accepted',
  withReplicas(async (start, vendor) => {
    let isRefused = true;
    const fetch = async (request: Request) =>
      isRefused ? new Response('{}', { status: 401 }) : vendor.fetch(request);
    const [a, b] = [await start('a', { fetch }), await start('b', { fetch })];
    expect((await read(a)).json.code).toBe('target_unauthorized');
    await waitFor(() => isCooling(b));
    expect([await isCooling(b, 'far'), await isCooling(a, 'far')]).toEqual([false, false]);
    expect((await read(b)).json.code).toBe('target_unauthorized');
    expect(b.gateway.sent).toEqual([]);
    const [row] = (await a.database.control()).cooldowns;
    expect(row?.credential).toMatch(/^[0-9a-f]{64}$/);

    // One that starts later does not try it either.
    const c = await start('c', { fetch });
    expect((await read(c)).json.code).toBe('target_unauthorized');
    expect(c.gateway.sent).toEqual([]);

    // It is over where it began before it is elsewhere, so that one tries for all.
    isRefused = false;
    a.pause(31_000);
    const { status, json } = await read(a);
    expect([status, json.profile?.upstreamId]).toEqual([200, ID]);
    await waitFor(async () => !(await isCooling(b)) && !(await isCooling(c)));
    expect((await read(b)).status).toBe(200);
    expect((await a.database.control()).cooldowns).toEqual([]);
  }),
);

test(
  'a cooldown that could not be stored is stored once the state answers',
  withReplicas(async (start) => {
    const fetch = async () => new Response('{}', { status: 401 });
    const [a, b] = [await start('a', { fetch }), await start('b', { fetch })];
    a.cut(true);
    expect((await read(a)).json.code).toBe('target_unauthorized');
    expect(await isCooling(b)).toBe(false);
    a.cut(false);
    await waitFor(() => isCooling(b));
  }),
);
