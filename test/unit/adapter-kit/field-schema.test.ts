import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  acceptedSchema,
  enumeration,
  type Field,
  fieldCapability,
  isList,
  type Json,
  type Limit,
  shownSchema,
} from '../../../src/adapter-kit/index.ts';
import { BOUNDARIES } from '../../conformance/boundaries.ts';
import { fieldsOf, subjects } from '../../conformance/subjects.ts';
import { fieldOf } from '../../support/fields.ts';

const ajv = new Ajv2020({ strict: false });
ajv.addKeyword({ keyword: 'x-maxBytes', validate: (most: number, v: Json) => bytesOf(v) <= most });
ajv.addKeyword({
  keyword: 'x-minBytes',
  validate: (least: number, v: Json) => bytesOf(v) >= least,
});

function bytesOf(value: Json): number {
  return new TextEncoder().encode(String(value)).length;
}

/** JSON Schema has the items of a list apart, so it cannot see one that is there twice. */
function repeats(value: Json): boolean {
  return isList(value) && new Set(value).size < value.length;
}

describe('the keywords of a field accept what the gateway sends and no other value', () => {
  const cases = BOUNDARIES.flatMap((boundary) =>
    boundary.subjects.map((title) => ({ ...boundary, title })),
  );

  it.each(cases)('$title $pointer ($source)', ({ pointer, refused, sent, title }) => {
    const subject = subjects.find((candidate) => candidate.title === title);
    if (subject === undefined) throw new Error(`no subject ${title}`);
    const field = fieldsOf(subject).find((candidate) => candidate.pointer === pointer);
    if (field === undefined) throw new Error(`no field ${pointer}`);
    const accepts = ajv.compile(fieldCapability(field));
    expect(sent.filter((value) => !accepts(value))).toEqual([]);
    expect(refused.filter((value) => !repeats(value) && accepts(value))).toEqual([]);
  });
});

describe('a schema', () => {
  const bytes: Limit = { kind: 'length', unit: 'bytes', minimum: 2, maximum: 8 };
  const letter: Limit = { kind: 'pattern', pattern: /^A/u, message: 'must begin with A' };
  const end: Limit = { kind: 'pattern', pattern: /Z$/, message: 'must end with Z' };
  const flagged: Limit = { kind: 'pattern', pattern: /^[^ä]*$/i, message: 'no umlauts' };

  it.each<[string, readonly Limit[], object]>([
    ['bytes', [bytes], { maxLength: 8, 'x-minBytes': 2, 'x-maxBytes': 8 }],
    ['one pattern', [letter], { pattern: '^A' }],
    ['several patterns', [letter, end], { allOf: [{ pattern: '^A' }, { pattern: 'Z$' }] }],
    ['a pattern with flags, in words only', [flagged], {}],
  ])('has keywords for %s', (_, limits, keywords) => {
    const { description, ...rest } = acceptedSchema(fieldOf({ limits }));
    expect(rest).toEqual({ type: 'string', ...keywords });
    expect(description).not.toBe('');
  });

  it('describes the members of a map apart', () => {
    const field = fieldOf({
      limits: [letter],
      map: 'per-key',
      nullClearsMap: true,
      onNull: 'reject',
    });
    expect(fieldCapability(field)).toEqual({
      pointer: '/name',
      access: 'read_write',
      type: 'object',
      additionalProperties: { type: 'string', pattern: '^A', description: 'must begin with A' },
      onNull: 'reject',
      nullClearsMap: true,
      confirmation: 'exact',
      step: 'profile',
      sensitive: false,
    });
  });

  it('of what is shown has no limits, which bind what is written', () => {
    expect(shownSchema(fieldOf({ limits: [bytes, letter] }))).toEqual({ type: 'string' });
    const codec = enumeration({ on: 1, off: 0 });
    expect(shownSchema(fieldOf({ codec }))).toEqual({ type: 'string', enum: ['on', 'off'] });
  });

  it.each<[Field['onNull'], unknown]>([
    ['reject', 'reject'],
    ['remove', 'remove'],
    [{ send: '' }, { send: '' }],
    [{ send: null }, { send: null }],
  ])('comes with the effect of null: %j', (onNull, effect) => {
    expect(fieldCapability(fieldOf({ onNull })).onNull).toEqual(effect);
  });
});

it('every pattern of the adapters has keywords', () => {
  const limits = subjects.flatMap(fieldsOf).flatMap((field) => field.limits ?? []);
  const flags = limits.flatMap((limit) => (limit.kind === 'pattern' ? [limit.pattern.flags] : []));
  expect(flags.length).toBeGreaterThan(5);
  expect(flags.filter((given) => given !== '' && given !== 'u')).toEqual([]);
});
