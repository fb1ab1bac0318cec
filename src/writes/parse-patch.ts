import {
  countOf,
  countsIn,
  decimalText,
  type FieldError,
  isDeeperThan,
  isList,
  isObject,
  isRawNumber,
  type Json,
  parsePlain,
  pointerTo,
  shapeOf,
  withNumberTexts,
} from '../adapter-kit/index.ts';
import {
  FIELD_ERRORS_MAX,
  PATCH_DEPTH_MAX,
  PATCH_MEMBERS_MAX,
  PATCH_NUMBER_CHARACTERS_MAX,
} from '../limits.ts';

export type PatchText =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly malformed: string }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/**
 * Parses a caller's patch so that nothing in it is lost on the way: a duplicate key, a number that
 * would come out as another one or is too long to be compared, and nesting beyond `PATCH_DEPTH_MAX`
 * are reported, not repaired.
 */
export function parsePatchText(text: string): PatchText {
  if (isDeeperThan(PATCH_DEPTH_MAX, text)) {
    const detail = `nested deeper than ${PATCH_DEPTH_MAX} levels`;
    return { ok: false, errors: [{ pointer: '', code: 'too_deep', detail }] };
  }
  const plain = parsePlain(text);
  const { items, members, numbers } = countsIn(plain);
  const value = numbers > 0 ? withNumberTexts(plain, text, Number.POSITIVE_INFINITY) : plain;
  if (value === undefined) return { ok: false, malformed: 'The body is not valid JSON.' };
  if (items + members > PATCH_MEMBERS_MAX) {
    const detail = `has more than ${PATCH_MEMBERS_MAX} members and items: send a part at a time`;
    return {
      ok: false,
      errors: [{ pointer: largestOf(value), code: 'constraint_violated', detail }],
    };
  }
  // Colons in strings count too: where there is one for each member, none stands in a string.
  const isWhole = countOf(':', text) === members || shapeOf(text).members === members;
  if (isWhole && value === plain) return { ok: true, value };
  const errors = [...changingNumbers(value), ...(isWhole ? [] : duplicateKeys(text))];
  return errors.length === 0
    ? { ok: true, value }
    : { ok: false, errors: errors.slice(0, FIELD_ERRORS_MAX) };
}

/** The pointer of the member of a patch in which there is most. */
function largestOf(value: Json): string {
  let [pointer, most] = ['', 0];
  for (const [name, member] of isObject(value) ? Object.entries(value) : []) {
    const { length } = JSON.stringify(member);
    if (length > most) [pointer, most] = [pointerTo('', name), length];
  }
  return pointer;
}

/** Numbers that did not survive as the value written. */
function changingNumbers(value: Json): FieldError[] {
  const errors: FieldError[] = [];
  const visit = (item: Json, pointer: string): void => {
    if (isRawNumber(item)) {
      const reason = numberProblem(item.rawJSON);
      if (reason === undefined) return;
      const detail = `the number ${reason}: send it as a string`;
      errors.push({ pointer, code: 'number_not_exact', detail });
    } else if (isList(item)) {
      item.forEach((entry, i) => {
        visit(entry, `${pointer}/${i}`);
      });
    } else if (isObject(item)) {
      for (const [key, entry] of Object.entries(item)) visit(entry, pointerTo(pointer, key));
    }
  };
  visit(value, '');
  return errors;
}

function numberProblem(text: string): string | undefined {
  if (text.length > PATCH_NUMBER_CHARACTERS_MAX) {
    return `has more than ${PATCH_NUMBER_CHARACTERS_MAX} characters`;
  }
  const isExact = decimalText(text) === decimalText(String(Number(text)));
  return isExact ? undefined : 'cannot be represented exactly';
}

/** Finds keys that valid JSON names twice in one object. Runs only when that is known to happen. */
function duplicateKeys(text: string): FieldError[] {
  const errors: FieldError[] = [];
  const tokens = text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g);
  type Level = { keys: Set<string> | undefined; pointer: string; index: number };
  const levels: Level[] = [];
  let pointer = '';
  let last: string | undefined;
  for (const [token] of tokens) {
    const top = levels.at(-1);
    if (token === '{' || token === '[') {
      const keys = token === '{' ? new Set<string>() : undefined;
      levels.push({ keys, pointer, index: 0 });
      if (token === '[') pointer = `${pointer}/0`;
    } else if (token === '}' || token === ']') {
      pointer = levels.pop()?.pointer ?? '';
    } else if (token === ':' && top?.keys !== undefined && last !== undefined) {
      const key: string = JSON.parse(last);
      pointer = pointerTo(top.pointer, key);
      if (top.keys.has(key)) {
        errors.push({ pointer, code: 'duplicate_key', detail: 'the key occurs twice' });
      }
      top.keys.add(key);
    } else if (token === ',' && top !== undefined) {
      top.index += 1;
      pointer = top.keys === undefined ? `${top.pointer}/${top.index}` : top.pointer;
    }
    last = token;
  }
  return errors;
}
