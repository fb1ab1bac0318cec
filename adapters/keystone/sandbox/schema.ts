import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
} from '../../../src/adapter-kit/json.ts';
import { pythonEqual, pythonLength, pythonRepr, pythonStrip } from './python.ts';
import { KeystoneFault } from './wire.ts';

/**
 * The JSON schemas of project create and update (keystone/resource/schema.py of Keystone 22) and
 * the texts of jsonschema's errors. Only the first error is reported, in the schema's own order of
 * properties (transcript: two faults at once). The real text ends with a dump of the schema.
 */
export function checkProject(project: Json, action: 'create' | 'update'): JsonObject {
  // transcript: project null, project is an array, project is a string.
  if (!isObject(project)) throw schemaFault('type', [], project, notOfType(project, ['object']));
  for (const [key, check] of PROPERTY_CHECKS) {
    if (Object.hasOwn(project, key)) check(own(project, key) ?? null, key);
  }
  if (action === 'create' && !Object.hasOwn(project, 'name')) {
    throw schemaFault('required', [], project, "'name' is a required property");
  }
  // transcript: empty project object; no body at all counts as that.
  if (action === 'update' && Object.keys(project).length === 0) {
    throw schemaFault('minProperties', [], project, '{} does not have enough properties');
  }
  return project;
}

type Check = (value: Json, key: string) => void;

const PROPERTY_CHECKS: readonly (readonly [string, Check])[] = [
  ['description', textOrNull],
  ['domain_id', idOrNull],
  ['enabled', yesOrNo],
  ['is_domain', yesOrNo],
  ['parent_id', idOrNull],
  ['name', nameText],
  ['tags', tagList],
  ['options', optionMap],
];

function textOrNull(value: Json, key: string): void {
  if (value !== null && typeof value !== 'string')
    throw typeFault(value, [key], ['string', 'null']);
}

function idOrNull(value: Json, key: string): void {
  if (value === null) return;
  if (typeof value !== 'string') throw typeFault(value, [key], ['string', 'null']);
  checkText(value, [key], 64, /^[a-zA-Z0-9-]+\n?$/, '^[a-zA-Z0-9-]+$');
}

/** transcript: enabled as a string, enabled null; 1 is refused too. */
function yesOrNo(value: Json, key: string): void {
  if (typeof value !== 'boolean') throw typeFault(value, [key], ['boolean']);
}

/** transcript: name null, empty, only spaces, 65 characters, 64 plus outer spaces. */
function nameText(value: Json, key: string): void {
  if (typeof value !== 'string') throw typeFault(value, [key], ['string']);
  checkText(value, [key], 64, undefined, '[\\S]+');
}

/** transcript: tags with a comma, twice the same, null. */
function tagList(value: Json, key: string): void {
  if (!isList(value)) throw typeFault(value, [key], ['array']);
  for (const [index, tag] of value.entries()) {
    if (typeof tag !== 'string') throw typeFault(tag, [key, index], ['string']);
    checkText(tag, [key, index], 255, /^[^,/]*$/, '^[^,/]*$');
  }
  if (value.length > 80) {
    throw schemaFault('maxItems', [key], value, `${pythonRepr(value)} is too long`);
  }
  if (value.some((tag, i) => value.slice(0, i).some((other) => pythonEqual(tag, other)))) {
    const text = `${pythonRepr(value)} has non-unique elements`;
    throw schemaFault('uniqueItems', [key], value, text);
  }
}

/** transcript: unknown option. */
function optionMap(value: Json, key: string): void {
  if (!isObject(value)) throw typeFault(value, [key], ['object']);
  const immutable = own(value, 'immutable') ?? null;
  if (immutable !== null && typeof immutable !== 'boolean') {
    throw typeFault(immutable, [key, 'immutable'], ['boolean', 'null']);
  }
  const unknown = Object.keys(value).filter((option) => option !== 'immutable');
  if (unknown.length === 0) return;
  const names = unknown.map((option) => pythonRepr(option)).join(', ');
  const text = `(${names} ${unknown.length === 1 ? 'was' : 'were'} unexpected)`;
  const message = `Additional properties are not allowed ${text}`;
  throw schemaFault('additionalProperties', [key], value, message);
}

function checkText(
  value: string,
  path: readonly (string | number)[],
  lengthMax: number,
  pattern: RegExp | undefined,
  patternText: string,
): void {
  const quoted = pythonRepr(value);
  if (value === '') throw schemaFault('minLength', path, value, `${quoted} is too short`);
  if (pythonLength(value) > lengthMax) {
    throw schemaFault('maxLength', path, value, `${quoted} is too long`);
  }
  const matches = pattern === undefined ? pythonStrip(value) !== '' : pattern.test(value);
  if (matches) return;
  const text = `${quoted} does not match ${pythonRepr(patternText)}`;
  throw schemaFault('pattern', path, value, text);
}

export function typeFault(
  value: Json,
  path: readonly (string | number)[],
  types: readonly string[],
) {
  return schemaFault('type', path, value, notOfType(value, types));
}

function notOfType(value: Json, types: readonly string[]): string {
  return `${pythonRepr(value)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`;
}

/** A refusal as jsonschema words it, less its dump of the schema. */
export function schemaFault(
  rule: string,
  path: readonly (string | number)[],
  instance: Json,
  message: string,
): KeystoneFault {
  const field = path.length === 0 ? '' : `Invalid input for field '${path.join('/')}': `;
  const place = path
    .map((step) => (typeof step === 'number' ? "['items']" : `['properties']['${step}']`))
    .join('');
  const at = path.map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`)).join('');
  return new KeystoneFault(
    400,
    `${field}${message}\n\nFailed validating '${rule}' in schema${place}\n\n` +
      `On instance${at}:\n    ${pythonRepr(instance)}`,
  );
}

/** Text columns cannot store a lone surrogate: Keystone's own code fails on it. */
export function breaksTextColumns(project: JsonObject): boolean {
  const tags = own(project, 'tags') ?? null;
  const texts = [own(project, 'name'), own(project, 'description'), ...(isList(tags) ? tags : [])];
  return texts.some((text) => typeof text === 'string' && !text.isWellFormed());
}
