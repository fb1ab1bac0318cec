import { isObject, type Json, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import { propertiesOf, requiredOf } from './configuration.ts';
import { FORM } from './json-schema.ts';
import { code } from './markdown.ts';

/** One key of a table of the configuration reference. */
export type Row = {
  readonly key: string;
  readonly type: string;
  readonly byDefault: string;
  readonly description: string;
  /** Other keys with the values for which there is this one; empty: for all. */
  readonly when: readonly string[];
};

/** Every key below `schema` in its order, those of maps and lists after them. */
export function rowsOf(schema: JsonObject, prefix = ''): Row[] {
  const options = own(schema, 'oneOf') ?? own(schema, 'anyOf');
  if (Array.isArray(options)) {
    const lists = options
      .filter(isObject)
      .map((option) => ownRows(option, prefix, constantOf(option)));
    return merged(lists);
  }
  return ownRows(schema, prefix, undefined);
}

function ownRows(schema: JsonObject, prefix: string, constant: string | undefined): Row[] {
  const required = requiredOf(schema);
  const own = Object.entries(propertiesOf(schema)).flatMap(([name, member]) => {
    if (!isObject(member)) return [];
    const key = prefix + name;
    return [rowOf(key, member, required.includes(name)), ...rowsOf(...below(member, key))];
  });
  const when = constant === undefined ? [] : [`${prefix}${constant}`];
  return own.map((row) => ({ ...row, when: [...when, ...row.when] }));
}

/** What is inside a map, the entries of one with free names, or those of a list. */
function below(schema: JsonObject, key: string): [JsonObject, string] {
  const [entries, items] = [own(schema, 'additionalProperties'), own(schema, 'items')];
  if (entries !== undefined && isObject(entries)) return [entries, `${key}.<name>.`];
  if (items !== undefined && isObject(items)) return [items, `${key}[].`];
  return [schema, `${key}.`];
}

/** The member that tells an alternative from the others, as `method: password`. */
function constantOf(schema: JsonObject): string | undefined {
  const found = Object.entries(propertiesOf(schema)).find(
    ([, member]) => isObject(member) && own(member, 'const') !== undefined,
  );
  return found === undefined ? undefined : `${found[0]}: ${constOf(found[1])}`;
}

function constOf(schema: Json): string {
  return isObject(schema) ? String(own(schema, 'const')) : '';
}

/** The rows of alternatives as one list; what all of them have is there for all. */
function merged(lists: readonly (readonly Row[])[]): Row[] {
  const rows = new Map<string, Row[]>();
  for (const row of lists.flat()) rows.set(row.key, [...(rows.get(row.key) ?? []), row]);
  return [...rows.values()].flatMap((found) => {
    const [first] = found;
    if (first === undefined) return [];
    const types = [...new Set(found.flatMap(({ type }) => type.split(' or ')))].join(' or ');
    const inner = found.flatMap(({ when }) => when.slice(1));
    const isEverywhere = found.length === lists.length;
    const when = isEverywhere ? inner : found.flatMap((row) => row.when);
    return [{ ...first, type: types, when: [...new Set(when)] }];
  });
}

function rowOf(key: string, schema: JsonObject, isRequired: boolean): Row {
  const byDefault = own(schema, 'default');
  const isPlain = byDefault !== undefined && typeof byDefault !== 'object';
  return {
    key,
    type: typeOf(schema),
    byDefault: isPlain ? code(String(byDefault)) : isRequired ? 'required' : '',
    description: String(own(schema, 'description') ?? ''),
    when: [],
  };
}

function typeOf(schema: JsonObject): string {
  const [values, items, form] = [own(schema, 'enum'), own(schema, 'items'), own(schema, FORM)];
  const constant = own(schema, 'const');
  if (constant !== undefined) return code(String(constant));
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(' or ');
  if (items !== undefined) {
    const [minimum, maximum] = [own(schema, 'minItems'), own(schema, 'maxItems')];
    const inner = isObject(items) ? typeOf(items) : 'any';
    return `list of ${rangeOf(minimum, maximum)}${inner.replace(/^(?:map|string)\b/, '$&s')}`;
  }
  if (own(schema, 'oneOf') !== undefined || own(schema, 'type') === 'object') return 'map';
  const type = String(own(schema, 'type'));
  const [minimum, maximum] = [own(schema, 'minimum'), own(schema, 'maximum')];
  if (minimum !== undefined) return `${type}, ${rangeOf(minimum, maximum)}`.trimEnd();
  const [shortest, longest] = [own(schema, 'minLength'), own(schema, 'maxLength')];
  if (typeof form === 'string') return `${type}; ${form.replace(/^must be /, '')}`;
  const length = longest === undefined ? '' : `, ${rangeOf(shortest, longest)}characters`;
  return shortest === 1 && longest === undefined ? `${type}, not empty` : type + length;
}

/** `1 to 8 ` or `at most 8 `, or nothing. */
function rangeOf(minimum: Json | undefined, maximum: Json | undefined): string {
  if (maximum === undefined) return minimum === undefined ? '' : `${minimum} or more `;
  return minimum === undefined ? `at most ${maximum} ` : `${minimum} to ${maximum} `;
}
