import { isRawNumber, type Json, type JsonObject, valueAt } from '../adapter-kit/index.ts';

/** Treatment of blanks in a key. */
export const BLANKS = ['collapse', 'remove', 'exact'] as const;
/** Treatment of upper and lower case in a key. */
export const CASES = ['ignore', 'exact'] as const;

/** A part of the key by which profiles are compared. */
export type MatchKey = {
  /** JSON Pointer into the canonical profile. */
  readonly pointer: string;
  /** The same at the second target; absent: as at the first. */
  readonly secondPointer?: string;
  readonly case: (typeof CASES)[number];
  readonly blanks: (typeof BLANKS)[number];
};

/**
 * Returns the normalized key of a profile as one text; undefined where a part of it is missing,
 * empty, or no text, number or boolean.
 */
export function matchKeyText(
  keys: readonly MatchKey[],
  side: 0 | 1,
  profile: JsonObject,
): string | undefined {
  const parts: string[] = [];
  for (const key of keys) {
    const pointer = side === 1 ? (key.secondPointer ?? key.pointer) : key.pointer;
    const text = scalarText(valueAt(profile, pointer));
    const normalized = text === undefined ? '' : normalizeText(text, key);
    if (normalized === '') return undefined;
    parts.push(normalized);
  }
  return JSON.stringify(parts);
}

/**
 * Normalizes a text for comparison. Its form is NFC: one text for all spellings of the same
 * characters. Not NFKC, which makes `2` of `²` and so the same of what is not.
 */
export function normalizeText(text: string, how: Pick<MatchKey, 'case' | 'blanks'>): string {
  const cased = how.case === 'ignore' ? text.normalize('NFC').toLowerCase() : text;
  const spaced = withoutBlanks(cased, how.blanks);
  return spaced.normalize('NFC');
}

function withoutBlanks(text: string, blanks: MatchKey['blanks']): string {
  if (blanks === 'exact') return text;
  if (blanks === 'remove') return text.replaceAll(/\s+/gu, '');
  return text.trim().replaceAll(/\s+/gu, ' ');
}

/** Returns a text, number or boolean as text. */
export function scalarText(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value !== undefined && isRawNumber(value) ? value.rawJSON : undefined;
}
