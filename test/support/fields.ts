import { type Change, type Field, type Json, text } from '../../src/adapter-kit/index.ts';

/** A declared field: the name as text that reads back exactly, but for what `more` says. */
export function fieldOf(more: Partial<Field> = {}): Field {
  return {
    pointer: '/name',
    wireName: 'name',
    access: 'read_write',
    codec: text,
    onNull: { send: '' },
    confirmation: 'exact',
    ...more,
  };
}

/** A change of `field` to `value`, of one key where it is a map. */
export function changeOf(field: Field, value: Json, key?: string): Change {
  const pointer = key === undefined ? field.pointer : `${field.pointer}/${key}`;
  return { pointer, field, value, wire: value, ...(key === undefined ? {} : { key }) };
}
