import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { readConfigurationFile } from '../../../src/node/config/config-file.ts';
import { HUSH, problemsOf } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-gateway-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'gateway.yaml');

function readText(content: string | Uint8Array) {
  writeFileSync(path, content);
  return readConfigurationFile(path);
}

/** Every problem, the file's own path left out. */
function problemsIn(content: string | Uint8Array): string[] {
  const warned = vi.spyOn(process, 'emitWarning');
  const read = readText(content);
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
  const lines = read.ok ? [] : read.problems.map((p) => `${p.path}: ${p.message}`);
  expect(lines.join('\n')).not.toContain(HUSH);
  return lines.map((text) => text.slice(path.length));
}

describe('what is read', () => {
  test.each<[title: string, content: string, document: unknown]>([
    ['YAML', 'a: { b: [1, "x"] } # note\n', { a: { b: [1, 'x'] } }],
    ['JSON', '{\n\t"a": {"b": [1, null, true]}\n}', { a: { b: [1, null, true] } }],
    [
      'words that YAML 1.1 took for others',
      'a: no\nb: 012\nc: 2020-01-01',
      {
        a: 'no',
        b: 12,
        c: '2020-01-01',
      },
    ],
    ['keys as text', '42: a\ntrue: b\n<<: c', { 42: 'a', true: 'b', '<<': 'c' }],
    ['an alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['a byte order mark', '\uFEFFa: 1', { a: 1 }],
    ['nothing', '', null],
  ])('%s', (_title, content, document) => {
    expect(readText(content)).toEqual({ ok: true, document });
  });

  test('the order of keys', () => {
    const read = readText('zeta: 1\nacme: 2\nmid: 3');
    expect(read.ok && Object.keys(read.document as object)).toEqual(['zeta', 'acme', 'mid']);
  });

  test('the prototype’s name as a key of its own, which is refused later', async () => {
    const read = readText('version: 1\n__proto__: { version: 1 }\ntargets: { __proto__: {} }');
    const document = read.ok ? read.document : undefined;
    expect(Object.keys(document as object)).toEqual(['version', '__proto__', 'targets']);
    expect(await problemsOf(document)).toEqual([
      '__proto__: cannot be used as a name',
      'targets.__proto__: cannot be used as a name',
      'targets: must not be empty',
    ]);
  });
});

describe('problems of the text', () => {
  test.each<[title: string, content: string, problems: string[]]>([
    [
      'a key twice',
      `a: 1\nb: { c: 1, c: ${HUSH} }\na: 2`,
      [':2:12: is a key that stands here twice', ':3:1: is a key that stands here twice'],
    ],
    [
      'an open bracket',
      `a: 1\nb: [${HUSH}`,
      [':2:14: is indented wrongly, or a bracket before it is not closed'],
    ],
    [
      'an open quote',
      `a: "${HUSH}\n`,
      [':2:1: lacks a sign such as a quote, a comma or a bracket'],
    ],
    [
      'an alias without an anchor',
      `a: 1\nb: *${HUSH}`,
      [':2:4: has an alias without an anchor: put a leading * in quotes'],
    ],
    [
      'a tag',
      `a: !${HUSH} x`,
      [':1:4: has an unknown tag: put a value that begins with ! in quotes'],
    ],
    ['a reserved sign', `a: @${HUSH}`, [':1:4: begins with a sign that needs quotes']],
    ['a second colon', `a: b: ${HUSH}`, [':1:4: has a second colon: put the value in quotes']],
    ['a second document', `a: 1\n---\nb: ${HUSH}`, [':2:1: begins a second document']],
    ['a list as a key', `[${HUSH}]: 1`, [':1:1: is a key that is no text']],
    ['a tab', `a:\n\tb: ${HUSH}`, [':2:1: is indented by a tab']],
  ])('%s', (_title, content, problems) => {
    expect(problemsIn(content)).toEqual(problems);
  });

  test('aliases that unfold without end', () => {
    const rows = ['a0: &a0 [x]'];
    for (let i = 1; i < 12; i += 1) rows.push(`a${i}: &a${i} [${Array(9).fill(`*a${i - 1}`)}]`);
    expect(problemsIn(rows.join('\n'))).toEqual([
      ': has aliases that unfold to more than 100 values each',
    ]);
  });

  test('a map that contains itself', async () => {
    const read = readText('&a\nversion: 1\ntargets: *a');
    const document = read.ok ? read.document : undefined;
    const problems = await problemsOf(document);
    expect(problems[0]).toMatch(/^targets(\.targets)+: is nested deeper than 16 levels$/);
  });

  test('bytes that are no UTF-8', () => {
    expect(problemsIn(new Uint8Array([0x61, 0x3a, 0x20, 0xff]))).toEqual([': is not UTF-8 text']);
  });
});

describe('problems of the file', () => {
  test('one that is not there, and a folder', () => {
    const missing = join(folder, 'missing.yaml');
    const problem = (at: string, code: string) => ({
      ok: false,
      problems: [{ path: at, message: `cannot be read (${code})` }],
    });
    expect(readConfigurationFile(missing)).toEqual(problem(missing, 'ENOENT'));
    expect(readConfigurationFile(folder)).toEqual(problem(folder, 'EISDIR'));
  });

  test('one that is too large', () => {
    const largest = `# ${'x'.repeat(1024 * 1024 - 2)}`;
    expect(problemsIn(largest)).toEqual([]);
    expect(problemsIn(`${largest}x`)).toEqual([': is larger than 1048576 bytes']);
  });
});
