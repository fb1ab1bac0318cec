/// <reference types="vite/types/importMeta.d.ts" />

/** One TypeScript file of the repository. */
export type Source = {
  /** From the repository's root: `src/http/app.ts`. */
  readonly path: string;
  readonly text: string;
  /** The text with comments, strings and patterns blanked, line by line. */
  readonly code: string;
  /** What it imports or exports from, also lazily. */
  readonly imports: readonly string[];
};

const texts = import.meta.glob<string>(
  [
    '../../src/**/*.ts',
    '../../adapters/**/*.ts',
    '../../test/**/*.ts',
    '../../*.ts',
    '!**/node_modules/**',
  ],
  { eager: true, import: 'default', query: '?raw' },
);

/** A comment, a string, a piece of a template, or a pattern where an expression may begin. */
const BLANKED = [
  /\/\/[^\n]*/,
  /\/\*[\s\S]*?\*\//,
  /'(?:[^'\\\n]|\\.)*'/,
  /"(?:[^"\\\n]|\\.)*"/,
  /`(?:[^`\\]|\\[\s\S])*`/,
  /(?<=(?:[(,=:[!&|?{};>]|return|^)\s*)\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/,
];
const BLANKED_PATTERN = new RegExp(BLANKED.map(({ source }) => source).join('|'), 'gm');

/** Every file that people write. */
export const sources: readonly Source[] = Object.entries(texts)
  .filter(([key]) => !key.includes('/generated/') && !key.includes('/node_modules/'))
  .map(([key, text]) => {
    const path = key.startsWith('../../')
      ? key.slice('../../'.length)
      : key.replace(/^(?:\.\.\/)/, 'test/').replace(/^\.\//, 'test/repository/');
    return { path, text, code: blanked(text), imports: importsOf(text) };
  });

function importsOf(text: string): string[] {
  const matches = text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^']+)'/g);
  return [...matches].map(([, specifier = '']) => specifier);
}

/** Blanks what is no code; templates whole, with what they interpolate. */
function blanked(text: string): string {
  return text.replace(BLANKED_PATTERN, (found) => found.replace(/[^\n]/g, ' '));
}

export type Block = { readonly line: number; readonly lines: number };

/** The bodies of functions: blocks after an arrow, or after the head of a function or method. */
export function functionBodies(code: string): Block[] {
  const bodies: Block[] = [];
  const open: { isBody: boolean; line: number }[] = [];
  code.split('\n').forEach((text, index) => {
    for (const { 0: brace, index: column } of text.matchAll(/[{}]/g)) {
      if (brace === '{') {
        open.push({ isBody: opensBody(text.slice(0, column)), line: index });
        continue;
      }
      const block = open.pop();
      if (block?.isBody === true) {
        bodies.push({ line: block.line + 1, lines: index - block.line + 1 });
      }
    }
  });
  return bodies;
}

function opensBody(head: string): boolean {
  if (/\bdescribe\b/.test(head)) return false;
  return /=>\s*$/.test(head) || /\bfunction\b.*\)/.test(head) || /^\s*\)(?::.*)?\s*$/.test(head);
}
