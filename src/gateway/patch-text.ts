import {
  decimalText,
  type FieldError,
  isList,
  isObject,
  isRawNumber,
  type Json,
  parseExact,
  pointerTo,
} from '../contract/index.ts';
import { FIELD_ERRORS_MAX, PATCH_DEPTH_MAX } from './limits.ts';

export type PatchText =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly malformed: string }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/**
 * Parses a caller's patch so that nothing in it is lost on the way: a duplicate key, a number that
 * would come out as another one and nesting beyond `PATCH_DEPTH_MAX` are told, not repaired.
 */
export function parsePatchText(text: string): PatchText {
  const shape = measure(text);
  if (shape.depth > PATCH_DEPTH_MAX) {
    const detail = `nested deeper than ${PATCH_DEPTH_MAX} levels`;
    return { ok: false, errors: [{ pointer: '', code: 'too_deep', detail }] };
  }
  const value = parseExact(text);
  if (value === undefined) return { ok: false, malformed: 'The body is not valid JSON.' };
  const found = inspect(value);
  const errors =
    found.members === shape.members ? found.errors : [...found.errors, ...duplicateKeys(text)];
  return errors.length === 0
    ? { ok: true, value }
    : { ok: false, errors: errors.slice(0, FIELD_ERRORS_MAX) };
}

/** Nesting and number of object members, counted in the text without parsing it. */
function measure(text: string): { depth: number; members: number } {
  let [level, depth, members, inString] = [0, 0, 0, false];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c)
        i += 1; // a backslash escapes what follows
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x3a) members += 1;
    else if (code === 0x7b || code === 0x5b) depth = Math.max(depth, ++level);
    else if (code === 0x7d || code === 0x5d) level -= 1;
  }
  return { depth, members };
}

/** Members that survived parsing, and numbers that did not survive as the value written. */
function inspect(value: Json): { members: number; errors: FieldError[] } {
  const errors: FieldError[] = [];
  let members = 0;
  const visit = (item: Json, pointer: string): void => {
    if (isRawNumber(item)) {
      if (decimalText(item.rawJSON) === decimalText(String(Number(item.rawJSON)))) return;
      const detail = 'the number cannot be held exactly: send it as a string';
      errors.push({ pointer, code: 'number_changes', detail });
    } else if (isList(item)) {
      item.forEach((entry, i) => {
        visit(entry, `${pointer}/${i}`);
      });
    } else if (isObject(item)) {
      for (const [key, entry] of Object.entries(item)) {
        members += 1;
        visit(entry, pointerTo(pointer, key));
      }
    }
  };
  visit(value, '');
  return { members, errors };
}

/** Where valid JSON names a key twice in one object. Runs only when that is known to happen. */
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
        errors.push({ pointer, code: 'duplicate_key', detail: 'the key stands twice' });
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
