import { expect } from 'vitest';
import {
  FAULT_CODES,
  type Field,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  mergePatch,
  own,
  stepOf,
  valueAt,
} from '../../src/adapter-kit/index.ts';
import type { Member } from './arbitraries.ts';
import { type Answer, codeOf, outcomeOf } from './bench.ts';
import { VALUE_DEVIATIONS } from './deviations.ts';

/** What a vendor that is well may answer to a patch it does not take. */
const REFUSALS: readonly unknown[] = [
  'invalid_patch',
  'unsupported_patch',
  'rejected_by_target',
  'conflict',
];

/** What else a subject may answer that is well. */
export type Leeway = {
  /** How many writes its fields are spread over: only two writes can end half done. */
  readonly steps: number;
  /** Codes by `VALUE_DEVIATIONS`. */
  readonly codes: readonly string[];
};

export function leewayOf(title: string, fields: readonly Field[]): Leeway {
  const deviations = VALUE_DEVIATIONS.filter(({ subject }) => subject === title);
  return {
    steps: stepsOf(fields),
    codes: deviations.flatMap(({ later }) => later.map(({ code }) => code)),
  };
}

/** Whether the patch was taken whole; anything but a clean end fails the test. */
export function wasTaken(answer: Answer, { codes, steps }: Leeway): boolean {
  const end = { code: codeOf(answer), outcome: outcomeOf(answer) };
  if (answer.status === 200) {
    expect(['applied', 'noop']).toContain(end.outcome);
    return true;
  }
  const isHalfDone = steps > 1 && end.outcome === 'partial' && end.code === 'partially_applied';
  if (isHalfDone || codes.some((code) => code === end.code)) return false;
  expect(REFUSALS, JSON.stringify(answer.body)).toContain(end.code);
  expect([undefined, 'rejected']).toContain(end.outcome);
  return false;
}

/** Equal as JSON: the order of members and the spelling of numbers say nothing. */
export function expectSame(actual: Json | undefined, expected: Json | undefined): void {
  if (!jsonEqual(actual, expected)) expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
}

/** Whether an answer is one of the closed list, with the status that belongs to it. */
export function expectTyped(answer: Answer): void {
  if (answer.status === 200) return;
  const code = codeOf(answer);
  const known = Object.entries(FAULT_CODES).find(([name]) => name === code);
  expect(known?.[1].status, JSON.stringify(answer.body)).toBe(answer.status);
  expect(code).not.toBe('internal_error');
}

/** Whether the value reads back as it was written, by the field's own declaration. */
export function isExact({ field, value }: Member): boolean {
  if (field.access !== 'read_write') return false;
  return (field.confirmationByValue?.(value) ?? field.confirmation) === 'exact';
}

/** Where a member stands in a profile's content. */
export function placeOf({ field, key }: Member, content: JsonObject): Json | undefined {
  if (key === undefined) return valueAt(content, field.pointer);
  const map = valueAt(content, field.pointer);
  return isObject(map) ? own(map, key) : undefined;
}

/** What must read back after `member` is written over `before`; undefined: nothing. */
export function expectedAfter(member: Member, before: JsonObject): Json | undefined {
  const { field, key, value } = member;
  if (value === null) return field.map !== undefined && key === undefined ? {} : undefined;
  if (typeof field.onNull === 'object' && field.onNull.send === '' && value === '')
    return undefined;
  return mergePatch(placeOf(member, before), value);
}

/** The content but for the moment of the last change. */
export function untimed(content: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== 'updatedAt'));
}

/** The patch that does what `first` and then `second` do (RFC 7396, applied to patches). */
export function composed(first: JsonObject, second: JsonObject): JsonObject {
  const members = new Map(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const earlier = members.get(name);
    members.set(name, isObject(earlier) && isObject(value) ? composed(earlier, value) : value);
  }
  return Object.fromEntries(members);
}

/** Whether `second` puts an object where `first` put something else: no one patch does both. */
export function isBroken(first: JsonObject, second: JsonObject): boolean {
  return Object.entries(second).some(([name, value]) => {
    if (!isObject(value) || !Object.hasOwn(first, name)) return false;
    const earlier = first[name];
    return isObject(earlier) ? isBroken(earlier, value) : true;
  });
}

/** Over how many writes a patch of all these fields is spread. */
function stepsOf(fields: readonly Field[]): number {
  const writable = fields.filter((field) => field.access !== 'read_only');
  const change = { pointer: '', value: null, wire: null };
  return new Set(writable.map((field) => stepOf({ ...change, field }))).size;
}

/** The wire names that a write of `field` may change, by the declarations. */
export function wireNamesOf(field: Field, fields: readonly Field[]): string[] {
  const shown = fields.filter(({ pointer }) => pointer === field.readBackPointer);
  const moved = fields.filter(({ pointer }) => pointer === '/updatedAt');
  return [field, ...shown, ...moved].map(({ wireName }) => wireName);
}
