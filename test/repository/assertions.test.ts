import { expect, test } from 'vitest';
import { sources } from './sources.ts';

/** Assertions that hold of anything, so that no fault fails them. */

/** An empty object as a part of a pattern, not as the body of a function. */
const EMPTY_PART = /(?<!=>\s*)(?<=[:,([{]\s*)\{\s*\}/;
/** Patterns that ask for nothing. */
const EMPTY_PATTERN = /\.(?:objectContaining\(\s*\{\s*\}|arrayContaining\(\s*\[\s*\])\s*\)/;

/** The arguments of each call of `toMatchObject`, with the line of the call. */
function matchArguments(code: string): { readonly line: number; readonly text: string }[] {
  return [...code.matchAll(/\.toMatchObject\(/g)].map(({ 0: call, index }) => {
    const from = index + call.length;
    let depth = 1;
    let end = from;
    while (depth > 0 && end < code.length) {
      if (code[end] === '(') depth += 1;
      if (code[end] === ')') depth -= 1;
      end += 1;
    }
    const line = code.slice(0, index).split('\n').length;
    return { line, text: code.slice(from - 1, end) };
  });
}

function emptyMatches(code: string): number[] {
  return matchArguments(code)
    .filter(({ text }) => EMPTY_PART.test(text))
    .map(({ line }) => line);
}

test('no assertion is true of anything', () => {
  const tests = sources.filter(({ path }) => /^(?:test|adapters)\//.test(path));
  const found = tests.flatMap(({ code, path }) => [
    ...emptyMatches(code).map((line) => `${path}:${line} matches any object`),
    ...(EMPTY_PATTERN.test(code) ? [`${path} asks for nothing`] : []),
  ]);
  expect(tests.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});

test.each<[string, boolean]>([
  ['expect(a).toMatchObject({ x: {} });', true],
  ['expect(a).toMatchObject({ x: { y: {\n} }, z: 1 });', true],
  ['expect(a).toMatchObject([{}]);', true],
  ['expect(a).toMatchObject({});', true],
  ['expect(a).toMatchObject({ x: [] });', false],
  ['expect(a).toMatchObject({ x: f(() => {}) }); f({});', false],
  ['expect(a).toEqual({ x: {} });', false],
])('%s', (code, isEmpty) => {
  expect(emptyMatches(code).length > 0).toBe(isEmpty);
});
