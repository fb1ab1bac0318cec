import { SELF } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { LOOK_AGAIN_MS } from '../../../src/limits.ts';
import {
  begun,
  CREATE_KEY,
  inObject,
  keyed,
  openWriteOf,
  receiptOf,
  request,
  SETTLE_MS,
  startInstance,
} from './object-parts.ts';

test('a create that is left open is closed by the object, and holds others up until then', () =>
  inObject('left open', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const same = { key: CREATE_KEY, ...keyed('same') };
    const lease = await begun(object, 'one', same);
    object.state.markInDoubt(lease, SETTLE_MS);
    expect(object.state.leaveOpen(lease)).toBe(true);
    const open = openWriteOf(object);
    expect([object.state.holds(open), open.lookAtMs]).toEqual([false, clock.nowMs + LOOK_AGAIN_MS]);
    expect(object.wakes.at(-1)).toBe(clock.nowMs + LOOK_AGAIN_MS);
    const other = request('two', { key: CREATE_KEY });
    expect(await object.state.begin(other)).toMatchObject({ kind: 'in_doubt' });
    for (const instance of [object, startInstance(storage, clock)]) {
      const repeat = await instance.state.begin(request('two', same));
      expect(repeat).toEqual({ kind: 'in_progress' });
      // Another body with the key: it is compared with the first one.
      const idempotency = { ...same.idempotency, fingerprint: 'another' };
      const reused = await instance.state.begin(request('two', { ...same, idempotency }));
      expect(reused).toMatchObject({ kind: 'answered', answer: { fingerprint: 'f' } });
    }
    const found = { caller: 'crm', id: 'acme:', keyHash: 'same', fingerprint: 'f', sealed: '' };
    object.state.close(open, {
      receipt: receiptOf('one', { kind: 'create' }),
      doubtMs: 0,
      answer: { ...found, outcome: 'applied' },
    });
    expect(await object.state.begin(request('two', same))).toMatchObject({
      kind: 'answered',
      answer: { outcome: 'applied', writeId: 'one' },
    });
    await begun(object, 'three', { key: CREATE_KEY });
  }));

/** Sends a create to the Worker in front, with an idempotency key. */
async function create(name: string, key: string, archived?: true) {
  const answer = await SELF.fetch('http://localhost/profiles', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      target: 'nerm-demo',
      name,
      status: 'active',
      extensions: {
        nerm: { profile_type_id: '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76', archived },
      },
    }),
  });
  const { headers, status } = answer;
  return { status, text: await answer.text(), headers };
}

test('a create is made by the object of its name, where a repeat finds its answer', async () => {
  const first = await create('Dana New', 'once');
  expect(first.status, first.text).toBe(201);
  expect(JSON.parse(first.text)).toMatchObject({
    profile: { name: 'Dana New' },
    write: { outcome: 'applied', lockScope: 'global' },
  });
  const location = first.headers.get('location') ?? '';
  const read = await SELF.fetch(`http://localhost${location}`);
  expect(await read.json()).toMatchObject({ profile: { name: 'Dana New' } });
  const second = await create('Dana New', 'once');
  expect([second.status, second.text]).toEqual([201, first.text]);
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  const other = await create('Dana New', 'another');
  expect(other.headers.get('location')).not.toBe(location);
});

test('a create that no search finds is made by the object of its key', async () => {
  const first = await create('Dana Archived', 'once', true);
  expect(first.status, first.text).toBe(201);
  const second = await create('Dana Archived', 'once', true);
  expect([second.status, second.text]).toEqual([201, first.text]);
  const other = await create('Dana Archived', 'another', true);
  expect(other.headers.get('location')).not.toBe(first.headers.get('location'));
});

test('a create that its target does not take is refused', async () => {
  const answer = await SELF.fetch('http://localhost/profiles', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'refused' },
    body: JSON.stringify({ target: 'nerm-demo', name: 'x' }),
  });
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: 'unsupported_patch' });
});
