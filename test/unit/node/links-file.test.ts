import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openLinksFile } from '../../../src/node/config/links-file.ts';
import { loadFile } from '../../../src/node/config/load-config.ts';
import { createLinkTable } from '../../../src/routing/link-table.ts';
import { count } from '../../support/counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'links-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = ['north', 'south'];

function open(text: string | Uint8Array) {
  const path = join(folder, 'links.jsonl');
  writeFileSync(path, text);
  return openLinksFile(path, NAMES);
}

async function problemsOf(text: string | Uint8Array): Promise<readonly string[]> {
  const opened = await open(text);
  return opened.ok ? [] : opened.problems;
}

async function findIn(text: string, id: string) {
  const opened = await open(text);
  if (!opened.ok) throw new Error(opened.problems.join('\n'));
  const link = await opened.links.find(id);
  return link === undefined ? undefined : Object.fromEntries(link);
}

const GOOD = '{"id":"a","targets":{"north":"1"}}';

test('a link is found by its id, with all of its targets and no others', async () => {
  const text = [
    GOOD,
    '',
    '  { "targets": { "south": "2-Ω", "north": "Ω" }, "id": "\\u0062 😀" }\r',
    '{"id":"a2","targets":{"south":"3"}}',
  ].join('\n');
  expect(await findIn(text, 'a')).toEqual({ north: '1' });
  expect(await findIn(text, 'b 😀')).toEqual({ north: 'Ω', south: '2-Ω' });
  expect(await findIn(text, 'a2')).toEqual({ south: '3' });
  for (const id of ['', 'A', 'b', 'a3', 'b 😀 ', 'x'.repeat(2_000_000)]) {
    expect(await findIn(text, id)).toBeUndefined();
  }
  expect(await findIn('', 'a')).toBeUndefined();
});

test('a byte order mark begins a file, and nothing else', async () => {
  expect(await findIn(`\uFEFF${GOOD}\n`, 'a')).toEqual({ north: '1' });
  expect(await problemsOf(`${GOOD}\n\uFEFF{"id":"b","targets":{"north":"1"}}`)).toEqual([
    'line 2: is not JSON',
  ]);
});

describe('a bad line is told by its number, and refuses the file', () => {
  test.each<[line: string, problem: string]>([
    ['{', 'is not JSON'],
    ['"a"', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['null', 'is not a JSON object'],
    ['{"id":"b"}', 'targets must be an object'],
    ['{"id":"b","targets":{}}', 'targets must not be empty'],
    ['{"id":"b","targets":["north"]}', 'targets must be an object'],
    ['{"id":"b","targets":{"up":"1"}}', 'targets names no target'],
    ['{"id":"b","targets":{"__proto__":"1"}}', 'targets names no target'],
    ['{"id":"b","targets":{"north":1}}', 'an upstream id must be a text of 1 to 256 characters'],
    ['{"id":"b","targets":{"north":""}}', 'an upstream id must be a text of 1 to 256 characters'],
    ['{"id":"","targets":{"north":"1"}}', 'id must be a text of 1 to 256 characters'],
    ['{"targets":{"north":"1"}}', 'id must be a text of 1 to 256 characters'],
    ['{"id":"b\\u0000","targets":{"north":"1"}}', 'id must be a text of 1 to 256 characters'],
    ['{"id":"\\ud800","targets":{"north":"1"}}', 'id must be a text of 1 to 256 characters'],
    ['{"id":"north:b","targets":{"north":"1"}}', 'id must not hold a ":", which names a target'],
    ['{"id":"b","targets":{"north":"1"},"x":1}', 'has a key besides id and targets'],
    ['{"id":"b","id":"c","targets":{"north":"1"}}', 'has a key twice in one object'],
    ['{"id":"b","targets":{"north":"1","north":"2"}}', 'has a key twice in one object'],
    ['{"id":"b","targets":{"north":"1","n\\u006frth":"1"}}', 'has a key twice in one object'],
    [GOOD, 'links an id that has a link already'],
    [`{"id":"b","targets":{"north":"${'1'.repeat(70_000)}"}}`, 'is longer than 65536 bytes'],
    [`{"id":"${'b'.repeat(300_000)}"}`, 'is longer than 65536 bytes'],
  ])('%.50s', async (line, problem) => {
    const after = '{"id":"z","targets":{"south":"9"}}';
    expect(await problemsOf(`${GOOD}\n${line}\n${after}\n`)).toEqual([`line 2: ${problem}`]);
    expect(await problemsOf(`${GOOD}\n\n${line}`)).toEqual([`line 3: ${problem}`]);
  });

  test('text that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(`${GOOD}\n{"id":"`), Buffer.from([0xff])]);
    expect(await problemsOf(bytes)).toEqual(['line 2: is not UTF-8 text']);
    expect(await problemsOf('{"id":"\uFFFD","targets":{"north":"1"}}')).toEqual([]);
  });

  test('the first hundred are told, the others are counted', async () => {
    const problems = await problemsOf('{\n'.repeat(250));
    expect(problems.length).toBe(101);
    expect(problems.slice(-2)).toEqual(['line 100: is not JSON', '150 more lines are bad']);
  });

  test('a file that is not there', async () => {
    const opened = await openLinksFile(join(folder, 'none'), NAMES);
    expect(opened).toEqual({ ok: false, problems: ['cannot be read (ENOENT)'] });
  });
});

test('a configuration file names its links from its own folder', async () => {
  writeFileSync(join(folder, 'linked.jsonl'), '{"id":"a","targets":{"acme":"1"}}\n');
  writeFileSync(join(folder, 'broken.jsonl'), '{"id":"a","targets":{"other":"1"}}\n');
  const configuration = (links: string): string => {
    const auth = { method: 'token', token: 'sandbox-nerm-token' };
    const acme = { vendor: 'nerm', baseUrl: 'https://acme.example.com/api', auth };
    const path = join(folder, 'gateway.json');
    writeFileSync(path, JSON.stringify({ version: 1, links, targets: { acme } }));
    return path;
  };
  const read = await loadFile(configuration('./linked.jsonl'));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  expect(await read.gateway.links?.find('a')).toEqual(new Map([['acme', '1']]));
  expect(await loadFile(configuration('broken.jsonl'))).toEqual({
    ok: false,
    problems: [{ path: 'links', message: 'line 1: targets names no target' }],
  });
  expect(await loadFile(configuration('none.jsonl'))).toMatchObject({
    problems: [{ path: 'links', message: 'cannot be read (ENOENT)' }],
  });
});

test('a table keeps every link while it grows', () => {
  const table = createLinkTable(NAMES);
  const count = 50_000;
  for (let i = 0; i < count; i += 1) {
    const targets = [{ position: i % 2, upstreamId: `u${i}`.repeat(1 + (i % 7)) }];
    expect(table.add(`id-${i}`, targets)).toBe(true);
  }
  expect(table.size()).toBe(count);
  for (let i = 0; i < count; i += 1) {
    const link = table.find(`id-${i}`);
    const expected = [NAMES[i % 2], `u${i}`.repeat(1 + (i % 7))];
    if (link instanceof Promise || link === undefined) throw new Error(`id-${i} is lost`);
    expect([...link]).toEqual([expected]);
  }
  expect(table.add('id-7', [])).toBe(false);
  expect(table.find(`id-${count}`)).toBeUndefined();
});

const COUNT = count(100_000, 1_000_000);
const LOAD_MS_MAX = 5_000;
const RESIDENT_MIB_MAX = 400;

test(`${COUNT} links load in time, and in a bounded memory`, { timeout: 120_000 }, async () => {
  const path = join(folder, 'many.jsonl');
  const stream = createWriteStream(path);
  for (let i = 0; i < COUNT; i += 1) {
    const tail = i.toString(16).padStart(12, '0');
    const uuid = `5b0f1c2d-3e4f-4a5b-8c6d-${tail}`;
    const line = { id: `emp-${i}`, targets: { north: uuid, south: uuid.replace('5b', '7f') } };
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');

  // A process of its own, so that what it takes is what the links take.
  const script = `
    const { openLinksFile } = await import(process.argv[1]);
    const startMs = performance.now();
    const opened = await openLinksFile(process.argv[2], ['north', 'south']);
    const loadMs = Math.round(performance.now() - startMs);
    const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    const tableMiB = Math.round(opened.links.byteLength() / 2 ** 20);
    const link = opened.links.find('emp-' + (opened.links.size() - 1));
    let found = 0;
    const lookMs = performance.now();
    for (let i = 0; i < 200000; i += 1) if (opened.links.find('emp-' + i * 7)) found += 1;
    const microsecondsEach = (performance.now() - lookMs) / 200;
    const size = opened.links.size();
    const last = Object.fromEntries(link);
    console.log(JSON.stringify({ size, loadMs, peakMiB, tableMiB, found, microsecondsEach, last }));
  `;
  const file = new URL('../../../src/node/config/links-file.ts', import.meta.url).href;
  const args = ['--input-type=module', '-e', script, file, path];
  const told = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const measured = JSON.parse(told);
  console.log(measured);
  expect(measured).toMatchObject({
    size: COUNT,
    found: Math.min(200_000, Math.ceil(COUNT / 7)),
    last: { north: `5b0f1c2d-3e4f-4a5b-8c6d-${(COUNT - 1).toString(16).padStart(12, '0')}` },
  });
  expect(measured.loadMs).toBeLessThan(LOAD_MS_MAX);
  expect(measured.peakMiB).toBeLessThan(RESIDENT_MIB_MAX);
});
