import { expect, it } from 'vitest';
import { createKeys } from '../../../src/profiles/create/create-record.ts';
import { startStage } from './stage.ts';

it('names the lease without trace and key the same at the front and in its object', async () => {
  const { ports, targets } = await startStage();
  const target = targets.get('nerm-demo');
  if (target === undefined) throw new Error('there is no such target');
  const front = { ...ports, handOver: async () => new Response() };
  const object = { ...ports, isBehindFront: true, state: { ...ports.state, hashKey: 'a key' } };
  const keyOf = async (own: typeof ports, status: string) => {
    const changes = [{ pointer: '/status', value: status }];
    const named = { changes, keyHash: undefined, trace: undefined };
    return (await createKeys(own, target, named)).key;
  };
  expect(await keyOf(object, 'active')).toBe(await keyOf(front, 'active'));
  expect(await keyOf(object, 'active')).not.toBe(await keyOf(front, 'inactive'));
});

it('waits for a create of its name from before the namespace was changed', async () => {
  const { create, ports, targets } = await startStage();
  const target = targets.get('keystone');
  if (target === undefined) throw new Error('there is no such target');
  const named = { changes: [], keyHash: undefined, trace: { name: 'made' } };
  const before = { ...target, writeNamespace: 'account before' };
  const { key } = await createKeys(ports, before, named);
  ports.state.markInDoubt({ kind: 'begun', key, writeId: 'before', fence: 0 }, 60_000);
  Object.assign(target, { formerNamespace: 'account before' });
  const answer = await create({ target: 'keystone', name: 'made' });
  expect([answer.status, answer.body.code]).toEqual([503, 'profile_in_doubt']);
  expect((await create({ target: 'keystone', name: 'other' })).status).toBe(201);
});
