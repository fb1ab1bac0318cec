import {
  type Change,
  confirmationOf,
  fieldValue,
  isObject,
  type Json,
  type JsonObject,
  jsonEqual,
  listLength,
  mergePatch,
  own,
  pointerTokens,
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
  const rest = (content: JsonObject): JsonObject =>
    pointers.reduce((left, pointer) => without(left, pointerTokens(pointer)), content);
  return jsonEqual(rest(a), rest(b));
}

/** Returns the pointer at which a change is seen in an answer. */
export function readBackPointerOf({ field, pointer }: Change): string {
  return field.readBackPointer ?? pointer;
}

function without(content: JsonObject, [first, ...rest]: readonly string[]): JsonObject {
  if (first === undefined || !Object.hasOwn(content, first)) return content;
  const members = Object.entries(content).filter(([name]) => name !== first);
  const inner = own(content, first);
  if (rest.length > 0 && isObject(inner)) members.push([first, without(inner, rest)]);
  return Object.fromEntries(members);
}

/** The canonical value after the change: objects merge into what was there. */
function expectedValue(change: Change, before: JsonObject | undefined): Json {
  if (!isObject(change.value)) return change.value;
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
  const normal = (text: string): string => text.normalize('NFC').trim().replace(/\s+/g, ' ');
  return normal(a) === normal(b);
}

/** A change that the target has taken, and what its answer showed of it. */
export type AcceptedChange = { readonly change: Change; readonly confirmation: Confirmation };
