/** Shorter ones would be found in texts that do not hold the secret. */
const ENCODED_CHARACTERS_MIN = 8;

/**
 * A secret in the encodings that take a whole text at once: base64, also from within a longer text
 * such as `user:password`, and hexadecimal.
 */
export function encodings(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const base64 = [0, 1, 2].flatMap((offset) => {
    const inner = innerBase64(bytes, offset);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...base64, hex, hex.toUpperCase()].filter((e) => e.length >= ENCODED_CHARACTERS_MIN);
}

/**
 * Returns the Base64 of `bytes` behind `offset` others, without the characters shared with
 * neighbours.
 */
function innerBase64(bytes: Uint8Array, offset: number): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const whole = btoa('\0'.repeat(offset) + binary);
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** The bytes of one character, its first and as many as follow such a one: no `%aa` behind it. */
const PERCENTS = ['[0-7]', '[cd].[89ab]', 'e.[89ab].[89ab]', 'f.[89ab].[89ab].[89ab]']
  .map((digits) => digits.replaceAll('.', '[0-9a-f]%(?:25)*'))
  .map((bytes) => `%(?:25)*${bytes}[0-9a-f]`)
  .join('|');

/** Escapes of one character in JSON, a URL, a form or HTML, of any depth of quoting. */
const ESCAPED = new RegExp(
  [
    /\\+u([0-9a-f]{4})/.source,
    /\\+(["'/\\])/.source,
    `(${PERCENTS})`,
    /&(?:#0*(\d{1,6})|#x0*([0-9a-f]{1,5})|(amp|lt|gt|quot|apos));/.source,
    /\+/.source,
  ].join('|'),
  'gi',
);

/** Characters that every escape begins with, as a class. */
const ESCAPE_BEGINS = '[\\\\%&+]';

/**
 * Most characters of a spelling that are looked for first: tokens may have thousands of characters.
 */
const BEGIN_CHARACTERS_MAX = 16;

/**
 * Matches a text that holds an escape or the begin of one of the `spellings`: any other holds no
 * secret. One search takes 0.03 µs, one for each spelling 0.2.
 */
export function candidatePattern(spellings: readonly string[]): RegExp {
  const begins = spellings.map((spelling) =>
    spelling.slice(0, BEGIN_CHARACTERS_MAX).replace(/[^\w\s]/g, '\\$&'),
  );
  return new RegExp([ESCAPE_BEGINS, ...new Set(begins)].join('|'));
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** One character that was written otherwise. */
function unescaped(written: string, groups: readonly (string | undefined)[]): string {
  const [unicode, quoted, percents, decimal, hexadecimal, entity] = groups;
  if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
  if (quoted !== undefined) return quoted;
  if (percents !== undefined) return percentDecoded(percents);
  if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
  if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
  if (entity !== undefined) return ENTITIES[entity.toLowerCase()] ?? written;
  return ' ';
}

function percentDecoded(written: string): string {
  try {
    return decodeURIComponent(written.replaceAll(/%(?:25)+(?=[0-9a-f]{2})/gi, '%'));
  } catch {
    return written;
  }
}

/** Most layers of escapes inside each other that are undone. */
const LAYERS_MAX = 4;

/** The text with every escaped character as itself; `+` becomes the blank it is in a form. */
export function unescapeAll(text: string): string {
  let plain = text;
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    const next = plain.replace(ESCAPED, (written, ...groups) => unescaped(written, groups));
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

/** Puts `mark` wherever `text` says `plainSecret` with some of its characters escaped. */
export function redactEscaped(text: string, plainSecret: string, mark: string): string {
  const { from, plain } = unescapeTraced(text);
  let marked = '';
  let rest = 0;
  const { length } = plainSecret;
  for (let at = plain.indexOf(plainSecret); at >= 0; at = plain.indexOf(plainSecret, at + length)) {
    const [start = 0, end = text.length] = [from[at], from[at + length]];
    marked += text.slice(rest, start) + mark;
    rest = end;
  }
  return marked + text.slice(rest);
}

type Traced = { readonly plain: string; readonly from: readonly number[] };

/** The plain text, and where in the written one each of its characters began. */
function unescapeTraced(text: string): Traced {
  let all: Traced = { plain: text, from: Array.from(text.split(''), (_, i) => i) };
  for (let layer = 0; layer < LAYERS_MAX; layer += 1) {
    const { from, plain } = unescapeOnce(all.plain);
    if (plain === all.plain) break;
    all = { plain, from: from.map((i) => all.from[i] ?? text.length) };
  }
  return all;
}

function unescapeOnce(text: string): Traced {
  const from: number[] = [];
  let plain = '';
  const add = (piece: string, start: number, step: 0 | 1): void => {
    for (let i = 0; i < piece.length; i += 1) from.push(start + i * step);
    plain += piece;
  };
  let rest = 0;
  for (const match of text.matchAll(ESCAPED)) {
    const [written, ...groups] = match;
    add(text.slice(rest, match.index), rest, 1);
    add(unescaped(written, groups), match.index, 0);
    rest = match.index + written.length;
  }
  add(text.slice(rest), rest, 1);
  return { plain, from };
}
