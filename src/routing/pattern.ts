/**
 * Pattern of a rule: a glob, in which `*` stands for any characters or none, or for ids also
 * `before{upstreamId}after`, whose capture stands for one character or more. Upper and lower case
 * differ. Matching takes no longer than the text times the pattern: there is no backtracking.
 */
export type Pattern = {
  readonly text: string;
  /** Text that every match begins with. */
  readonly prefix: string;
  /** Nothing but `prefix` itself matches. */
  readonly exact: boolean;
  readonly matches: (value: string) => boolean;
  /** Returns the captured part of a value that matches; absent where there is none. */
  readonly capture?: (value: string) => string;
};

const CAPTURE = '{upstreamId}';

/** Returns why `text` is no glob; undefined when it is one. */
export function refuseGlob(text: string): string | undefined {
  return text === '' ? 'must not be empty' : undefined;
}

/** Returns why `text` is no pattern of ids; undefined when it is one. */
export function refuseIdPattern(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.includes(':')) return 'can never match: an id with a ":" names its target itself';
  const [before = '', after, ...more] = text.split(CAPTURE);
  if (/[{}]/.test(before + (after ?? '') + more.join(''))) {
    return `may have braces in ${CAPTURE} only`;
  }
  if (more.length > 0) return `may have ${CAPTURE} once only`;
  if (after !== undefined && text.includes('*')) return `may have * or ${CAPTURE}, not both`;
  return undefined;
}

/** A pattern that `refuseGlob` or `refuseIdPattern` did not refuse, ready to match. */
export function compilePattern(text: string, kind: 'glob' | 'id'): Pattern {
  if (kind === 'id' && text.includes(CAPTURE)) return capturePattern(text);
  const [prefix = '', ...rest] = text.split('*');
  const suffix = rest.pop();
  if (suffix === undefined) {
    return { text, prefix, exact: true, matches: (value) => value === prefix };
  }
  const between = rest.filter((part) => part !== '');
  const lengthMin = prefix.length + suffix.length;
  const matches = (value: string): boolean =>
    value.length >= lengthMin &&
    value.startsWith(prefix) &&
    value.endsWith(suffix) &&
    (between.length === 0 || holdsInOrder(value, between, prefix.length, suffix.length));
  return { text, prefix, exact: false, matches };
}

function capturePattern(text: string): Pattern {
  const at = text.indexOf(CAPTURE);
  const prefix = text.slice(0, at);
  const suffix = text.slice(at + CAPTURE.length);
  return {
    text,
    prefix,
    exact: false,
    matches: (value) =>
      value.length > prefix.length + suffix.length &&
      value.startsWith(prefix) &&
      value.endsWith(suffix),
    capture: (value) => value.slice(prefix.length, value.length - suffix.length),
  };
}

/** The leftmost place for each part leaves most room for the next, so no other is ever tried. */
function holdsInOrder(
  value: string,
  parts: readonly string[],
  start: number,
  endLength: number,
): boolean {
  const end = value.length - endLength;
  let from = start;
  for (const part of parts) {
    const at = value.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/**
 * Reports whether `wide` surely matches all that `narrow` does. A `*` in `narrow` can be matched by
 * no character of `wide`, only by its `*`, so the text of one pattern stands for all its matches.
 */
export function covers(wide: Pattern, narrow: Pattern): boolean {
  if (narrow.capture === undefined) {
    const isPlain = wide.capture === undefined || !narrow.text.includes('*');
    return isPlain && wide.matches(narrow.text);
  }
  const after = narrow.text.slice(narrow.prefix.length + CAPTURE.length);
  if (wide.capture === undefined) return wide.matches(`${narrow.prefix}*${after}`);
  const wideAfter = wide.text.slice(wide.prefix.length + CAPTURE.length);
  return narrow.prefix.startsWith(wide.prefix) && after.endsWith(wideAfter);
}
