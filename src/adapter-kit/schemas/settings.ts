import * as z from 'zod/mini';

/** A problem of settings; `path` is inside them, its keys joined by dots. */
export type SettingsIssue = { readonly path: string; readonly message: string };

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly SettingsIssue[] };

/** Checks `given` against `schema` and returns every issue; none quotes a given value. */
export function checkSettings<T>(schema: z.core.$ZodType<T>, given: unknown): Checked<T> {
  const parsed = z.safeParse(schema, given, { error: describe });
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, issues: parsed.error.issues.flatMap(issuesOf) };
}

/** Reports each unknown key at its own place. */
function issuesOf(issue: z.core.$ZodIssue): SettingsIssue[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: settingsPath(issue.path), message: issue.message }];
  }
  return issue.keys.map((key) => ({
    path: settingsPath([...issue.path, key]),
    message: 'is not a known key',
  }));
}

/** Most characters of a key that are shown. */
const KEY_CHARACTERS_MAX = 64;
const PLAIN_KEY = new RegExp(`^[\\w-]{1,${KEY_CHARACTERS_MAX}}$`);

/**
 * `targets.east.auth`. A key that is no plain word is cut where it stops being one: after a
 * slip such as `{token:abc}` the secret is part of the key.
 */
export function settingsPath(keys: readonly PropertyKey[]): string {
  return keys.map((key) => keyText(String(key))).join('.');
}

function keyText(key: string): string {
  if (PLAIN_KEY.test(key)) return key;
  return `${/^[\w-]*/.exec(key)?.[0].slice(0, KEY_CHARACTERS_MAX) ?? ''}…`;
}

/** The gateway's message for an issue whose schema has none of its own. */
function describe(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES.get(issue.expected) ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values)}`;
    case 'invalid_union':
      return `must be ${oneOf(issue.options)}`;
    case 'too_small':
      if (issue.origin !== 'number' && issue.minimum === 1) return 'must not be empty';
      return `must ${sizeOf(issue.origin)} at least ${issue.minimum}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin)} at most ${issue.maximum}`;
    default:
      return 'does not have the expected form';
  }
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
]);

/** Lists what the schema expects, which is no value of the document. */
function oneOf(values: unknown): string {
  if (!Array.isArray(values) || values.length === 0) return 'of another form';
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}

function sizeOf(origin: string): string {
  if (origin === 'string') return 'have a length of';
  return origin === 'array' ? 'have a count of' : 'be';
}
