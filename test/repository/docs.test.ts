import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT, run } from '../support/child.ts';
import { check, temporaryFolder, valuesFor } from './commands.ts';
import {
  anchorsOf,
  blocksOf,
  codeSpans,
  documentAt,
  documents,
  files,
  linksOf,
  paths,
} from './documents.ts';

const readme = documentAt('README.md');
const index = documentAt('docs/README.md');

/** The made-up vendor of the walk through, whose folder the generator makes. */
const MADE_UP = 'adapters/acme';

describe('README.md', () => {
  const LINES_MAX = 140;
  const WORDS_MAX = 1_600;

  test('is short', () => {
    expect(readme.text.trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
    expect(readme.text.split(/\s+/).length).toBeLessThanOrEqual(WORDS_MAX);
  });

  test('leads to the index', () => {
    expect(linksOf(readme).map(({ target }) => target)).toContain(index.path);
  });
});

test('docs/README.md leads to every page, or to its folder', () => {
  const targets = new Set(linksOf(index).map(({ target }) => target));
  const pages = documents.map(({ path }) => path).filter((path) => path.startsWith('docs/'));
  const isLed = (path: string): boolean =>
    path !== 'docs' && path !== '.' && (targets.has(path) || isLed(posix.dirname(path)));
  expect(pages.length).toBeGreaterThan(20);
  expect(pages.filter((path) => path !== index.path && !isLed(path))).toEqual([]);
});

describe.each(documents)('$path', (document) => {
  test('has no dead link', () => {
    const dead = linksOf(document).filter(({ anchor, target }) => {
      if (!paths.has(target)) return true;
      return anchor !== '' && !anchorsOf(documentAt(target)).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('names no path that is not there', () => {
    // Names of before are what the page about upgrading is for.
    if (document.path === 'docs/upgrading.md') return;
    const own = posix.dirname(document.path);
    const dead = codeSpans(document).filter((span) => {
      if (span.startsWith(MADE_UP) || !isOurs(span)) return false;
      return !isThere(span, own);
    });
    expect(dead).toEqual([]);
  });
});

/** Folders of the repository, and those that an adapter or a suite has. */
const FOLDERS = /^(?:src|adapters|test|docs|\.ci|\.github|sandbox|fixtures|mutants|golden)\//;

/** A path in one of these folders, or the bare name of a TypeScript or Markdown file. */
function isOurs(span: string): boolean {
  return (
    /^[\w.<>*/-]+$/.test(span) && (FOLDERS.test(span) || /^[\w-]+(?:\.\w+)*\.(?:ts|md)$/.test(span))
  );
}

/** Whether a path, in which `<name>` and `*` stand for anything, is one from the root or `own`. */
function isThere(span: string, own: string): boolean {
  const pattern = span
    .replace(/\/$/, '')
    .replace(/[.]/g, String.raw`\.`)
    .replace(/<[^>]*>|\*/g, '[^/]*');
  const found = new RegExp(`^(?:${own}/|.+/)?${pattern}$`);
  return [...paths].some((path) => found.test(path));
}

test('every npm script that a document names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const texts = documents.filter(({ path }) => path !== 'docs/upgrading.md');
  const named = texts.flatMap(({ text }) =>
    [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name),
  );
  expect(named).not.toEqual([]);
  expect([...new Set(named)].filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

describe('configurations', () => {
  const ajv = new Ajv.default({ strict: false, validateFormats: false });
  const schema = JSON.parse(readFileSync(join(ROOT, 'docs/gateway.schema.json'), 'utf8'));
  const isWhole = ajv.compile(schema);
  const { required: _, ...partial } = schema;
  const isPart = ajv.compile(partial);
  const known = Object.keys(schema.properties);
  const blocks = blocksOf('yaml')
    .map((text) => ({ text, keys: Object.keys(parse(text)) }))
    .filter(({ keys }) => keys.some((key) => known.includes(key)));

  test('there are some', () => expect(blocks.length).toBeGreaterThanOrEqual(5));

  test.each(blocks)('the block with $keys fits the schema', ({ text }) => {
    isPart(parse(text));
    expect(isPart.errors ?? []).toEqual([]);
  });

  test.each(blocks.filter(({ keys }) => keys.includes('targets')))(
    'the block with $keys is whole and passes check',
    async ({ keys, text }) => {
      const folder = temporaryFolder();
      onTestFinished(folder.remove);
      const file = join(folder.path, 'gateway.yaml');
      writeFileSync(file, keys.includes('version') ? text : `version: 1\n${text}`);
      expect(await checked(file)).toMatchObject({ code: 0, stderr: '' });
    },
  );

  const examples = files.filter((path) => /^docs\/examples\/.*\/gateway\.\w+$/.test(path));
  test.each([...examples, 'gateway.example.yaml'])('%s passes check', async (path) => {
    expect(await checked(join(ROOT, path))).toMatchObject({ code: 0, stderr: '' });
    isWhole(parse(readFileSync(join(ROOT, path), 'utf8')));
    expect(isWhole.errors ?? []).toEqual([]);
  });

  test('a broken one does not', async () => {
    const folder = temporaryFolder();
    onTestFinished(folder.remove);
    const file = join(folder.path, 'gateway.yaml');
    const example = readFileSync(join(ROOT, 'gateway.example.yaml'), 'utf8');
    writeFileSync(file, `${example}\nsurprise: 1\n`);
    expect(await checked(file)).toMatchObject({ code: 78 });
  });
});

/** What `check` says of a file whose variables all have a value. */
async function checked(file: string) {
  return run(check(file, valuesFor(readFileSync(file, 'utf8'))));
}
