import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  ownText,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { type Child, end, LISTENING, run, shell } from '../support/child.ts';
import { createBench, SECRETS } from './commands.ts';
import { blocksOf, documentAt, documents } from './documents.ts';

/** Every line of an `sh` block is run here as it stands, but for ports and names of files. */

const readme = documentAt('README.md');
/** Its commands belong together: `docs-replicas.slow.test.ts` runs them. */
const others = documents.filter(({ path }) => path !== 'docs/state.md');
const lines = [...new Set(blocksOf('sh', others).flatMap((block) => block.trim().split('\n')))];
const curls = lines.filter((line) => line.startsWith('curl '));
const writes = curls.filter((line) => line.includes(' -X PATCH '));
const creates = curls.filter((line) => / -X POST \S+\/profiles /.test(line));

/** Where the documents have the gateway; a test's own listens elsewhere. */
const PRINTED = '127.0.0.1:8787';
const READY_MS_MAX = 20_000;

/** Lines that are run elsewhere, with the reason. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['npm ci', 'Every run of the tests begins with it.'],
  ['npx wrangler dev', 'The tests of test/workers/process run the Worker as it does.'],
]);

/** Lines that end by themselves, by what they show. */
const ENDING: readonly { readonly line: RegExp; readonly shows: RegExp }[] = [
  { line: /^(?:[A-Z_]+=\S+ )*npm run gateway -- check \S+$/, shows: /^ {2}routes\.0 /m },
  { line: /^(?:[A-Z_]+=\S+ )*npm run gateway -- explain /, shows: /"prediction": "write"/ },
  { line: /^npm run gateway -- keygen$/, shows: /^pgw_\S{43}\nsha256:[0-9a-f]{64}$/m },
  { line: /^npm run build$/, shows: /^/ },
  { line: /^npx wrangler deploy --dry-run /, shows: /gzip: \d+/ },
];

const START = /^npm start -- --config \S+/;
const SANDBOX = /^npm run gateway -- sandbox /;

const bench = createBench();
afterAll(bench.remove);
const { env, runnable } = bench;

/** The one line that matches; without it the documents have lost what a test is about. */
function lineLike(pattern: RegExp): string {
  const found = lines.find((candidate) => pattern.test(candidate));
  if (found === undefined) throw new Error(`no document has a line ${pattern}`);
  return found;
}

async function curl(text: string, origin: string): Promise<{ status: number; body: JsonObject }> {
  const { host } = new URL(origin);
  const { code, stderr, stdout } = await run(shell(text.replaceAll(PRINTED, host), { env }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, answer = '', status = ''] = /^([\s\S]*)\n(\d{3})$/.exec(stdout) ?? [];
  const body = parseExact(answer);
  return { status: Number(status), body: isObject(body) ? body : {} };
}

/** What a document prints, where `…` stands for what it leaves out, is part of `actual`. */
function expectPromised(promised: Json, actual: Json | undefined): void {
  if (typeof promised === 'string') {
    const [start = '', rest] = promised.split('…');
    expect(actual).toEqual(rest === undefined ? start : expect.stringMatching(`^${start}`));
  } else if (isObject(promised)) {
    const members: JsonObject = promised;
    for (const [name, member] of Object.entries(members)) {
      expectPromised(member, isObject(actual) ? own(actual, name) : undefined);
    }
  } else {
    expect(actual).toEqual(promised);
  }
}

test('every line is one that is run', () => {
  const isRun = (line: string): boolean =>
    line === 'npm start' ||
    curls.includes(line) ||
    ELSEWHERE.has(line) ||
    [START, SANDBOX, ...ENDING.map((ending) => ending.line)].some((known) => known.test(line));
  expect(lines.filter((line) => !isRun(line))).toEqual([]);
  expect(lines).toEqual(expect.arrayContaining([...ELSEWHERE.keys(), 'npm start']));
  expect(lines.length).toBeGreaterThanOrEqual(15);
  expect(writes.length).toBeGreaterThanOrEqual(1);
  expect(curls.length).toBeGreaterThan(writes.length);
});

describe('npm start', () => {
  let child: Child;
  let origin: string;

  beforeAll(async () => {
    child = shell(lineLike(/^npm start$/), { env: { ...env, PORT: '0' } });
    origin = (await child.says(LISTENING, READY_MS_MAX))[1] ?? '';
    await child.says(/senlin-demo:/);
  });
  afterAll(() => end(child));

  /** The lines that it prints, as the documents would have them. */
  function printed(): string[] {
    const { host } = new URL(origin);
    const all = child.stdout().split('\n');
    const curl = all.filter((text) => text.startsWith('curl '));
    return curl.map((text) => text.replaceAll(host, PRINTED));
  }

  test('prints an example for each vendor, those of the documents among them', async () => {
    const targets = printed().map((text) => /profiles\/(\w+)-demo:/.exec(text)?.[1]);
    expect(targets.toSorted()).toEqual(['iam', 'naver', 'nerm', 'senlin']);
    expect(writes.filter((text) => !printed().includes(text))).toEqual([]);
  });

  test('prints lines that work, and the answer is the one of the README', async () => {
    const promised = parseExact(blocksOf('json', [readme])[0] ?? '') ?? null;
    const id = ownText(ownObject(promised, 'profile'), 'id');
    expect(id).toMatch(/^nerm-demo:/);
    for (const text of printed()) {
      const { body, status } = await curl(text, origin);
      expect({ text, status }).toEqual({ text, status: 200 });
      expect(body.write).toMatchObject({ outcome: 'applied', losses: [], unconfirmed: [] });
      const sent = parseExact(/-d '(.*)'$/.exec(text)?.[1] ?? '') ?? null;
      expectPromised(sent, body.profile);
      if (text.includes(String(id).split('…')[0] ?? '')) expectPromised(promised, body);
    }
    for (const text of creates) {
      const { body, status } = await curl(text, origin);
      expect(status).toBe(201);
      const { target: _, ...sent } = JSON.parse(/-d '(.*)'$/.exec(text)?.[1] ?? '');
      expectPromised(sent, body.profile);
    }
    for (const text of curls.filter((line) => ![...writes, ...creates].includes(line))) {
      const { body, status } = await curl(text, origin);
      expect(status).toBe(200);
      const { pathname } = new URL(text.split(' ').at(-1) ?? '');
      const write = writes.find((candidate) => candidate.includes(pathname));
      const sent = parseExact(/-d '(.*)'$/.exec(write ?? '')?.[1] ?? '{}') ?? null;
      if (pathname.startsWith('/profiles/')) expectPromised(sent, body.profile);
    }
  });
});

describe('npm start with a configuration', () => {
  const command = runnable(lineLike(START));
  const configuration = join(bench.folder, 'gateway.yaml');

  test('serves the example', async () => {
    const child = shell(command, { env });
    try {
      const [, origin = ''] = await child.says(LISTENING, READY_MS_MAX);
      const health = await fetch(`${origin}/healthz`);
      expect({ status: health.status, body: await health.json() }).toMatchObject({
        status: 200,
        body: { status: 'ok' },
      });
      const authorization = `Bearer ${SECRETS.HR_PORTAL_KEY}`;
      const answer = await fetch(`${origin}/capabilities`, { headers: { authorization } });
      const { targets } = JSON.parse(await answer.text());
      const vendors = targets.map(({ vendor }: { vendor: string }) => vendor);
      // The example's caller may use `nerm-*` only.
      expect(vendors).toEqual(['nerm']);
    } finally {
      await end(child);
    }
  });

  test('exits with 78 when the configuration is broken, all problems reported', async () => {
    const broken = join(bench.folder, 'broken.yaml');
    writeFileSync(broken, `${readFileSync(configuration, 'utf8')}\nsurprise: 1\n`);
    const text = command.replace(configuration, broken);
    const result = await run(shell(text, { env: { ...env, NERM_TOKEN: undefined } }));
    expect(result.code).toBe(78);
    expect(result.stderr).toMatch(/^targets\.nerm-acme\.auth\.token: the environment has no /m);
    expect(result.stderr).toMatch(/^surprise: /m);
    expect(result.stderr).not.toMatch(/^ +at /m);
  });
});

test('the command for the sandboxes serves each under its path', async () => {
  const child = shell(runnable(lineLike(SANDBOX)), { env });
  try {
    const [, origin = ''] = await child.says(/^senlin: (http:\/\/[^/]+)\/senlin$/m, READY_MS_MAX);
    const sentence = /serves the sandboxes alone, under ([^.]+)\./.exec(readme.text)?.[1] ?? '';
    const paths = [...sentence.matchAll(/`(\/\w+)`/g)].map(([, path = '']) => path);
    expect(paths).toHaveLength(5);
    for (const path of paths) {
      expect(child.stdout()).toContain(`${path.slice(1)}: ${origin}${path}\n`);
      const answer = await fetch(`${origin}${path}/`);
      expect([path, answer.headers.get('x-gateway-sandbox')]).toEqual([path, '1']);
    }
    expect((await fetch(`${origin}/nothing`)).headers.get('x-gateway-sandbox')).toBeNull();
  } finally {
    await end(child);
  }
});

describe.each(ENDING)('lines like $line', ({ line: pattern, shows }) => {
  const found = lines.filter((text) => pattern.test(text));

  test('there is one', () => expect(found).not.toEqual([]));

  test.each(found)('%s', async (text) => {
    const { code, stderr, stdout } = await run(shell(runnable(text), { env }));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(shows);
  });
});
