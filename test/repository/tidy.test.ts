import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import { functionBodies, type Source, sources } from './sources.ts';

/** The repository's rules that no tool of it knows. */

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;
/** Most names that two files of `src/` may both define. */
const SHARED_NAMES_MAX = 5;

/** What reaches outside a pure function. */
const IMPURE = [
  '\\bfetch\\(',
  '\\bDate\\.now\\b',
  '\\bnew Date\\(\\)',
  '\\bMath\\.random\\b',
  '\\bprocess\\.',
  '\\bset(?:Timeout|Interval)\\b',
  '\\brandomUUID\\b',
  '\\bgetRandomValues\\b',
  '\\bperformance\\.',
];

type Exception = { readonly path: string; readonly reason: string };

/** Files that may assert a type. */
const ASSERTING: readonly Exception[] = [
  {
    path: 'src/adapter-kit/vendor-response.ts',
    reason: 'A computed key widens to any text otherwise.',
  },
  {
    path: 'src/client/answer.ts',
    reason: 'What the gateway has answered gets its type here: the client has no schemas.',
  },
];

const inFolder = (folder: string) => (source: Source) => source.path.startsWith(folder);
const isSandbox = ({ path }: Source): boolean =>
  /^adapters\/(?:[^/]+\/sandbox|sandbox-kit)\//.test(path);
const isGenerated = ({ path }: Source): boolean => /^adapters\/[^/]+\.ts$/.test(path);
const shipped = sources.filter(({ path }) => /^(?:src|adapters)\//.test(path));
const contract = sources.filter(inFolder('src/adapter-kit/'));
const vendorFiles = sources.filter(inFolder('adapters/')).filter((source) => !isGenerated(source));
const pure = [...contract, ...vendorFiles.filter((source) => !isSandbox(source))];

/** Every line of these files that `pattern` finds in the code, as `path:line text`. */
function linesWith(files: readonly Source[], pattern: RegExp): string[] {
  return files.flatMap(({ code, path }) =>
    code
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
      ),
  );
}

/** Every import of these files that is not allowed, as `path: specifier`. */
function importsBut(files: readonly Source[], isAllowed: (from: string, path: string) => boolean) {
  return files.flatMap(({ imports, path }) =>
    imports.filter((from) => !isAllowed(from, path)).map((from) => `${path}: ${from}`),
  );
}

/** Paths of the list that the rule has nothing against, and that must leave it. */
function needless(exceptions: readonly Exception[], found: readonly string[]): string[] {
  return exceptions.map(({ path }) => path).filter((path) => !found.includes(path));
}

test('there are files to look at', () => {
  for (const path of [
    'src/adapter-kit/field.ts',
    'src/http/app.ts',
    'test/repository/tidy.test.ts',
  ]) {
    expect(sources.map((source) => source.path)).toContain(path);
  }
  for (const { vendor } of adapters) {
    expect(sources.map(({ path }) => path)).toContain(`adapters/${vendor}/index.ts`);
  }
});

describe('imports', () => {
  const isNear = (from: string): boolean =>
    /^(?:\.|\.\.|(?:\.\.\/){1,2}(?:keystone|keystone\/sandbox|sandbox-kit))\/[a-z-]+\.ts$/.test(
      from,
    );
  const isContract = (from: string): boolean =>
    /^(?:\.\.\/){2,3}src\/adapter-kit\/[a-z-]+\.ts$/.test(from);

  test('an adapter imports the contract, zod, its own folder and the shared one', () => {
    const files = vendorFiles.filter((source) => !isSandbox(source));
    const isAllowed = (from: string): boolean =>
      from === 'zod/mini' ||
      from === '../../src/adapter-kit/index.ts' ||
      (isNear(from) && !from.includes('/sandbox'));
    expect(importsBut(files, isAllowed)).toEqual([]);
  });

  test('a sandbox may import hono too', () => {
    const isAllowed = (from: string): boolean =>
      /^(?:zod\/mini|hono(?:\/[a-z-]+)?)$/.test(from) || isContract(from) || isNear(from);
    expect(importsBut(vendorFiles.filter(isSandbox), isAllowed)).toEqual([]);
  });

  test('the contract imports zod and itself', () => {
    const within = /^(?:zod\/mini|\.\/(?:(?:operations|schemas)\/)?[a-z-]+\.ts)$/;
    const isNested = ({ path }: { readonly path: string }) =>
      /\/(?:operations|schemas)\//.test(path);
    const nested = contract.filter(isNested);
    expect(nested.length).toBeGreaterThan(1);
    expect(importsBut(nested, (from) => /^(?:zod\/mini|\.\.?\/[a-z-]+\.ts)$/.test(from))).toEqual(
      [],
    );
    const others = contract.filter((source) => !isNested(source));
    expect(importsBut(others, (from) => within.test(from))).toEqual([]);
  });

  test('this suite imports nothing of Node', () => {
    const suite = sources.filter(({ path }) => /^test\/conformance\/(?!fifth-vendor\/)/.test(path));
    expect(importsBut(suite, (from) => !from.startsWith('node:'))).toEqual([]);
  });
});

test('src names no vendor and no folder of an adapter, not even in a comment', () => {
  const words = new Set([...adapters.map(({ vendor }) => vendor), ...Object.keys(sandboxes)]);
  const named = new RegExp(`\\b(?:${[...words].join('|')})\\b`, 'i');
  const found = sources
    .filter(inFolder('src/'))
    .flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          named.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
        ),
    );
  expect(found).toEqual([]);
});

test('what runs on Workers makes each schema at its first use', () => {
  const isEager = /^(?:export )?const \w+(?::[^=]+)? =\s+(?:\(?\{\s+\.{0,3})?z\b/m;
  const files = shipped.filter(
    (source) => !isSandbox(source) && !/^src\/(?:node|console|client)\//.test(source.path),
  );
  expect(isEager.test('const a = z\n  .string();')).toBe(true);
  expect(files.filter(({ code }) => isEager.test(code)).map(({ path }) => path)).toEqual([]);
});

describe('types', () => {
  test('no any, no enum, no assertion that something is there', () => {
    expect(linesWith(shipped, /(?:[:<|&,(]|\bas)\s*any\b/)).toEqual([]);
    expect(linesWith(shipped, /(?<![.\w])enum\s+\w/)).toEqual([]);
    expect(linesWith(shipped, /[\w)\]]!(?!=)/)).toEqual([]);
    expect(shipped.filter(({ text }) => /@ts-(?:ignore|nocheck|expect)/.test(text))).toEqual([]);
  });

  test('types are asserted only where they are listed', () => {
    const found = shipped.filter(({ code }) => {
      const statements = code.replace(/^(?:import|export)\s+(?:type\s+)?[{*][^;]*;/gm, '');
      return /\bas\b(?!\s+const\b)/.test(statements);
    });
    const paths = found.map(({ path }) => path);
    const listed = ASSERTING.map(({ path }) => path);
    expect(paths.filter((path) => !listed.includes(path))).toEqual([]);
    expect(needless(ASSERTING, paths)).toEqual([]);
  });
});

describe('sizes', () => {
  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const found = sources.filter(({ text }) => text.trimEnd().split('\n').length > FILE_LINES_MAX);
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    const found = sources.flatMap(({ code, path }) =>
      functionBodies(code)
        .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
        .map(({ line, lines }) => `${path}:${line} has ${lines}`),
    );
    expect(found).toEqual([]);
  });

  test(`lines have at most ${COLUMNS_MAX} columns`, () => {
    const files = [...shipped, ...sources.filter(inFolder('test/conformance/'))];
    const found = files.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) => (line.length > COLUMNS_MAX ? [`${path}:${index + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

describe('purity', () => {
  test('adapters and the contract do no I/O and have no clock', () => {
    const impure = new RegExp(IMPURE.join('|'));
    expect(linesWith(pure, impure)).toEqual([]);
  });

  test('an operation of an adapter does not wait', () => {
    const files = pure.filter(({ path }) => !/\/sign\.ts$/.test(path));
    expect(linesWith(files, /\basync\b|\bawait\b/)).toEqual([]);
  });

  test('nothing but an entry writes to the console', () => {
    const files = shipped.filter(({ path }) => !/^src\/(?:node|workers)\//.test(path));
    expect(linesWith(files, /\bconsole\s*(?:\?\.|\.|\[)\s*(?!enabled|sessionKey)/)).toEqual([]);
  });
});

describe('names and comments', () => {
  test('doc comments open with a verb or a noun phrase', () => {
    const question = /\/\*\*\s*(?:\*\s*)?(?:What|Whether|How|Where|Who|Of)\b/g;
    const found = shipped.flatMap(({ path, text }) =>
      [...text.matchAll(question)].map(({ index }) => {
        const line = text.slice(0, index).split('\n').length;
        return `${path}:${line}`;
      }),
    );
    expect(found).toEqual([]);
  });

  test('things report, list or show; a profile is in doubt, and nothing else is a doubt', () => {
    const words =
      /\b(?:told|tells?|telling|untold|Told|TOLD)\b|(?<!\bin[ -])(?<!\bIn[ -])\bdoubt\b/g;
    const found = shipped.flatMap(({ path, text }) =>
      [...text.matchAll(words)].map(({ 0: word, index }) => {
        return `${path}:${text.slice(0, index).split('\n').length} ${word}`;
      }),
    );
    expect(found).toEqual([]);
  });

  test(`at most ${SHARED_NAMES_MAX} top-level names are defined in two files of src`, () => {
    const definition = /^(?:export )?(?:async )?(?:function\*?|const|let|class|type) (\w+)/gm;
    const files = new Map<string, string[]>();
    // The client is a program of its own, with the words of the interface.
    const isClient = inFolder('src/client/');
    const gateway = sources.filter((source) => inFolder('src/')(source) && !isClient(source));
    for (const { code, path } of gateway) {
      for (const [, name = ''] of code.matchAll(definition)) {
        files.set(name, [...(files.get(name) ?? []), path]);
      }
    }
    const shared = [...files].filter(([, paths]) => paths.length > 1);
    expect(files.size).toBeGreaterThan(500);
    expect(shared.length, JSON.stringify(shared)).toBeLessThanOrEqual(SHARED_NAMES_MAX);
  });
});
