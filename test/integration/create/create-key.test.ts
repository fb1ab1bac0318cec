import { expect, it } from 'vitest';
import { createKey } from '../../../src/profiles/create/create-record.ts';
import { startStage } from './stage.ts';

it('names the lease of a create without trace and key the same at the front and in its object', async () => {
  const { ports, targets } = await startStage();
  const target = targets.get('nerm-demo');
  if (target === undefined) throw new Error('there is no such target');
  const front = { ...ports, handOver: async () => new Response() };
  const object = { ...ports, isBehindFront: true, state: { ...ports.state, hashKey: 'a key' } };
  const keyOf = (own: typeof ports, status: string) => {
    const changes = [{ pointer: '/status', value: status }];
    return createKey(own, target, { changes, keyHash: undefined, trace: undefined });
  };
  expect(await keyOf(object, 'active')).toBe(await keyOf(front, 'active'));
  expect(await keyOf(object, 'active')).not.toBe(await keyOf(front, 'inactive'));
});
