import {
  type Change,
  confirmationOf,
  fieldValue,
  isObject,
  type Json,
  type JsonDraft,
  type JsonObject,
  jsonEqual,
  listLength,
  mergePatch,
  pointerTokens,
  setOwn,
  valueAt,
} from '../adapter-kit/index.ts';

/** Evidence in an answer about one change: it confirms it, contradicts it, or shows neither. */
export type Confirmation = 'confirmed' | 'contradicted' | 'unconfirmed';

/** Judges `change` by what the vendor showed; `before` is the content it was merged into. */
export function confirm(change: Change, content: JsonObject, before?: JsonObject): Confirmation {
  const { field, key, pointer } = change;
  const expected = expectedValue(change, before);
  const compare = confirmationOf(field, expected);
  if (compare === 'never') return 'unconfirmed';
  if (compare === 'count')
    return confirmCount(expected, valueAt(content, field.readBackPointer ?? pointer));
  const shown = fieldValue(field, key, content);
  if (shown === undefined) return confirmAbsence(change, expected, content);
  if (expected === null) return isEmptiedMap(change, shown) ? 'confirmed' : 'contradicted';
  if (jsonEqual(shown, expected)) return 'confirmed';
  if (compare === 'exact') return 'contradicted';
  if (compare === 'present') return 'unconfirmed';
  // What stood there before proves no write, even where the vendor may have cut its blanks.
  const isOld = before !== undefined && jsonEqual(shown, fieldValue(field, key, before));
  return sameBlanks(shown, expected) && !isOld ? 'confirmed' : 'unconfirmed';
}

/** Reports whether every change is shown: then a write of them would change nothing. */
export function isAlreadyApplied(changes: readonly Change[], content: JsonObject): boolean {
  for (const change of changes) {
    if (confirm(change, content, content) !== 'confirmed') return false;
  }
  return true;
}

/** Reports whether two readings of a profile are the same but for what stands at `pointers`. */
export function equalExcept(pointers: readonly string[], a: JsonObject, b: JsonObject): boolean {
  const paths = pointers.map(pointerTokens);
  return jsonEqual(without(a, paths), without(b, paths));
}

/** Returns the pointer at which a change is seen in an answer. */
export function readBackPointerOf({ field, pointer }: Change): string {
  return field.readBackPointer ?? pointer;
}

/** Copies each object once, however many of its members are left out. */
function without(content: JsonObject, paths: readonly (readonly string[])[]): JsonObject {
  if (paths.length === 0) return content;
  const pathsByName = Map.groupBy(paths, ([name = '']) => name);
  const rest: JsonDraft = {};
  for (const name of Object.keys(content)) {
    const member = content[name] ?? null;
    const named = pathsByName.get(name);
    if (named === undefined) setOwn(rest, name, member);
    else if (isObject(member) && named.every(({ length }) => length > 1)) {
      const inner = named.map((path) => path.slice(1));
      setOwn(rest, name, without(member, inner));
    }
  }
  return rest;
}

/** The canonical value after the change: objects merge into what was there, but not new ones. */
export function expectedValue(change: Change, before: JsonObject | undefined): Json {
  if (!isObject(change.value) || change.field.createOnly === true) return change.value;
  const current = before === undefined ? undefined : fieldValue(change.field, change.key, before);
  return mergePatch(current, change.value);
}

/** Null for a whole map may leave an empty one; an empty object at one of its keys is a value. */
function isEmptiedMap({ field, key }: Change, shown: Json): boolean {
  if (field.map === undefined || key !== undefined) return false;
  return isObject(shown) && Object.keys(shown).length === 0;
}

/**
 * A value that is not there is what a null asked for; any other is contradicted only where the
 * vendor always shows it. For a key both hold only when the map itself was shown.
 */
function confirmAbsence(change: Change, expected: Json, content: JsonObject): Confirmation {
  const { key, field } = change;
  if (key !== undefined && fieldValue(field, undefined, content) === undefined)
    return 'unconfirmed';
  if (expected === null) return 'confirmed';
  return key === undefined || field.optionalInResponse === true ? 'unconfirmed' : 'contradicted';
}

/** A list that reads back in another form: another length contradicts, only an empty one proves. */
function confirmCount(expected: Json, shown: Json | undefined): Confirmation {
  const [count, countShown] = [listLength(expected) ?? 0, listLength(shown)];
  if (countShown === undefined) return 'unconfirmed';
  if (count !== countShown) return 'contradicted';
  return count === 0 ? 'confirmed' : 'unconfirmed';
}

function sameBlanks(a: Json, b: Json): boolean {
  if (typeof a !== 'string' || typeof b !== 'string') return false;
  return withSameBlanks(a) === withSameBlanks(b);
}

/**
 * More marks on one character than any text has (UAX 15, Stream-Safe): to put them in order takes
 * time with the square of their number.
 */
const MANY_MARKS = /\p{M}{31}/u;

/** Returns a text with its blanks in one form, as vendors may store it. */
export function withSameBlanks(text: string): string {
  const normal = MANY_MARKS.test(text) ? text : text.normalize('NFC');
  return normal.trim().replace(/\s+/g, ' ');
}

/** A change that the target has taken, and what its answer showed of it. */
export type AcceptedChange = { readonly change: Change; readonly confirmation: Confirmation };
