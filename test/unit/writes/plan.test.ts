import { describe, expect, test } from 'vitest';
import { indexFields } from '../../../src/adapter-kit/field.ts';
import {
  enumeration,
  type Field,
  integer,
  type Json,
  stringOnly,
} from '../../../src/adapter-kit/index.ts';
import { dropped, isAtomic, plan } from '../../../src/writes/plan.ts';
import { fieldOf } from '../../support/fields.ts';

const field = (name: string, more: Partial<Field> = {}): Field =>
  fieldOf({ pointer: `/${name}`, wireName: name, ...more });

const FIELDS = indexFields([
  field('name', { onNull: 'reject', limits: [{ kind: 'length', unit: 'bytes', maximum: 5 }] }),
  field('description', { onNull: { send: '' } }),
  field('fixed', { access: 'read_only' }),
  field('dashed', { onNull: { send: '-' } }),
  field('removable', { onNull: 'remove' }),
  field('texts', {
    codec: stringOnly,
    onNull: { send: '' },
    limits: [{ kind: 'length', unit: 'bytes', maximum: 2 }],
  }),
  field('state', {
    codec: enumeration({ on: true, off: false }),
    onNull: { send: false },
    step: 'state',
  }),
  field('span', { codec: integer, limits: [{ kind: 'range', minimum: 1, maximum: 9 }] }),
  field('map', { map: 'whole', nullClearsMap: true }),
  field('keys', { map: 'per-key' }),
]);

const entry = (name: string, value: Json, key?: string) => {
  const pointer = `/${name}`;
  if (key === undefined) return { pointer, fieldPointer: pointer, value };
  return { pointer: `${pointer}/${key}`, fieldPointer: pointer, key, value };
};
const planned = (name: string, value: Json, key?: string, handling?: 'lenient') =>
  plan([entry(name, value, key)], FIELDS, handling ?? 'strict');

describe('a member becomes a change', () => {
  test.each<[string, Json, string | undefined, object]>([
    ['name', 'abcde', undefined, { pointer: '/name', value: 'abcde', wire: 'abcde' }],
    ['description', null, undefined, { value: null, wire: '' }],
    ['description', '', undefined, { value: null, wire: '' }],
    ['description', 'x', undefined, { value: 'x', wire: 'x' }],
    ['removable', null, undefined, { value: null, wire: null }],
    ['dashed', '', undefined, { value: '', wire: '' }],
    ['removable', '', undefined, { value: '', wire: '' }],
    ['state', 'off', undefined, { value: 'off', wire: false }],
    ['state', null, undefined, { value: null, wire: false }],
    ['span', 9, undefined, { value: 9, wire: 9 }],
    ['map', null, undefined, { value: null, wire: {} }],
    ['map', null, 'a', { pointer: '/map/a', key: 'a', value: null, wire: '' }],
    ['keys', 'x', 'a', { pointer: '/keys/a', key: 'a', value: 'x', wire: 'x' }],
  ])('%s: %j', (name, value, key, change) => {
    const { changes, losses, refusals } = planned(name, value, key);
    expect([refusals, losses]).toEqual([[], []]);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject(change);
    expect(changes[0]?.field).toBe(FIELDS.get(`/${name}`));
    expect(Object.hasOwn(changes[0] ?? {}, 'key')).toBe(key !== undefined);
  });
});

describe('a member is refused', () => {
  test.each<[string, Json, string]>([
    ['name', null, 'not_nullable'],
    ['name', 'abcdef', 'constraint_violated'],
    ['name', 5, 'wrong_type'],
    ['fixed', 'x', 'read_only'],
    ['fixed', null, 'read_only'],
    ['updatedAt', 'x', 'read_only'],
    ['unknown', 'x', 'unsupported_field'],
    ['texts', 5, 'wrong_type'],
    ['span', 10, 'constraint_violated'],
    ['keys', null, 'not_nullable'],
  ])('%s: %j', (name, value, code) => {
    const refusal = { pointer: `/${name}`, code, detail: expect.stringMatching(/./) };
    expect(planned(name, value)).toEqual({ changes: [], losses: [], refusals: [refusal] });
  });
});

test('lenient handling converts a member, and reads it back as it was sent', () => {
  const { changes, losses, refusals } = planned('texts', 5, undefined, 'lenient');
  expect(refusals).toEqual([]);
  expect(changes).toMatchObject([{ pointer: '/texts', value: '5', wire: '5' }]);
  expect(losses).toEqual([
    { pointer: '/texts', kind: 'coerced', reason: expect.stringMatching(/./) },
  ]);
});

test('limits hold for a converted member as it is sent', () => {
  const { changes, refusals } = planned('texts', 123, undefined, 'lenient');
  expect(changes).toEqual([]);
  expect(refusals).toMatchObject([{ code: 'constraint_violated' }]);
});

test('refused members are told as dropped', () => {
  const refusal = { pointer: '/a', code: 'read_only', detail: 'is set by the target' } as const;
  expect(dropped([refusal])).toEqual([
    { pointer: '/a', kind: 'dropped', reason: 'is set by the target' },
  ]);
});

test('changes of one step are atomic', () => {
  const changesOf = (...names: string[]) =>
    names.flatMap((name) => planned(name, name === 'state' ? 'on' : 'x').changes);
  expect(isAtomic([])).toBe(true);
  expect(isAtomic(changesOf('state'))).toBe(true);
  expect(isAtomic(changesOf('name', 'description'))).toBe(true);
  expect(isAtomic(changesOf('name', 'description', 'state'))).toBe(false);
  expect(isAtomic(changesOf('state', 'name'))).toBe(false);
});
