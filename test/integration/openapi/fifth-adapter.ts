import * as z from 'zod/mini';
import {
  defineAdapter,
  enumeration,
  type Field,
  integer,
  text,
  timestamp,
} from '../../../src/adapter-kit/index.ts';

const clearable = {
  access: 'read_write',
  onNull: 'remove',
  confirmation: 'exact',
} as const;
const required = { access: 'read_write', onNull: 'reject', confirmation: 'exact' } as const;

function field(name: string, more: Omit<Field, 'pointer' | 'wireName'>): Field {
  return { pointer: `/extensions/fifth/${name}`, wireName: name, ...more };
}

const fields: readonly Field[] = [
  { pointer: '/name', wireName: 'label', codec: text, ...required },
  field('grade', {
    codec: integer,
    limits: [{ kind: 'range', minimum: 1, maximum: 9 }],
    ...clearable,
  }),
  field('level', { codec: enumeration({ low: 1, high: 2 }), sensitive: true, ...clearable }),
  field('code', {
    codec: text,
    limits: [
      { kind: 'length', unit: 'code points', minimum: 2 },
      { kind: 'pattern', pattern: /^A/u, message: 'must begin with A' },
      { kind: 'pattern', pattern: /Z$/, message: 'must end with Z' },
      { kind: 'pattern', pattern: /^[^äöü]*$/i, message: 'no umlauts' },
    ],
    ...required,
  }),
  field('secret', {
    codec: text,
    limits: [{ kind: 'length', unit: 'bytes', minimum: 2, maximum: 8 }],
    ...required,
    access: 'write_only',
  }),
  field('tags', { codec: text, map: 'per-key', ...clearable }),
  field('seenAt', { codec: timestamp, ...required, access: 'read_only' }),
];

/** A vendor that exists in no folder; it talks to nobody. */
export const fifthAdapter = defineAdapter({
  vendor: 'fifth',
  title: 'A fifth vendor',
  docs: 'https://example.com/',
  settings: () => z.strictObject({}),
  fieldSets: [{ title: 'fifth', fields }],
  settleMs: 1_000,
  connect: () => {
    throw new Error('talks to nobody');
  },
});
