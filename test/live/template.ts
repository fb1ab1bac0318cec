/** Values by variable name. */
export type Variables = Readonly<Record<string, string>>;

const REPEAT_MAX = 2_000_000;
const PLACEHOLDER = /\{\{([^{}]+)\}\}/gu;
const ANYTHING = '{{any}}';
const OTHERS = '{{others}}';

/**
 * Fills a template: `{{name}}` is a variable, `{{n*64}}` the text `n` 64 times. Inserted values
 * are not looked at again. Throws on a variable without a value.
 */
export function fill(template: string, variables: Variables): string {
  return template.replace(PLACEHOLDER, (_, name: string) => {
    const [, text, count] = /^(.+)\*(\d+)$/u.exec(name) ?? [];
    if (text !== undefined) return text.repeat(Math.min(Number(count), REPEAT_MAX));
    const value = variables[name];
    if (value === undefined) throw new Error(`no value for {{${name}}}`);
    return value;
  });
}

/**
 * Where `actual` is not what was recorded: the first JSON Pointer, or undefined when all is as
 * expected. `{{any}}` stands for any value, and inside a text for any part of it. A list that has
 * `{{others}}` may have other items than the expected ones, in any order. Keys may come in any
 * order; a key too many or too few is a difference.
 */
export function firstDifference(
  expected: unknown,
  actual: unknown,
  variables: Variables,
  at = '',
): string | undefined {
  if (expected === ANYTHING) return undefined;
  if (typeof expected === 'string' && typeof actual === 'string') {
    return textMatches(expected, actual, variables) ? undefined : at || '/';
  }
  if (isContainer(expected) && isContainer(actual)) {
    if (Array.isArray(expected) !== Array.isArray(actual)) return at || '/';
    if (Array.isArray(expected) && Array.isArray(actual) && expected.includes(OTHERS)) {
      const isThere = (item: unknown): boolean =>
        actual.some((each) => firstDifference(item, each, variables) === undefined);
      const missing = expected.findIndex((item) => item !== OTHERS && !isThere(item));
      return missing < 0 ? undefined : `${at}/${missing}`;
    }
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const key of keys) {
      const inside = `${at}/${key}`;
      if (!Object.hasOwn(expected, key) || !Object.hasOwn(actual, key)) return inside;
      const found = firstDifference(expected[key], actual[key], variables, inside);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return expected === actual ? undefined : at || '/';
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether `text` is the parts between the `{{any}}` in their order, the ends at the ends. */
function textMatches(template: string, text: string, variables: Variables): boolean {
  const parts = template.split(ANYTHING).map((part) => fill(part, variables));
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
