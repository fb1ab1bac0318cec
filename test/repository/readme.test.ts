import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
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
import { type Child, end, LISTENING, ROOT, run, shell } from '../support/child.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...readme.matchAll(fence)].map(([, text = '']) => text);
}

const lines = blocks('sh').flatMap((block) => block.trim().split('\n'));
const curls = lines.filter((line) => line.startsWith('curl '));
const writes = curls.filter((line) => line.includes(' -X PATCH '));
const EXPLAINS = /^npm run explain -- .*--config gateway\.yaml/;

/** Where the README has the gateway; a test's own listens elsewhere. */
const PRINTED = '127.0.0.1:8787';
const READY_MS_MAX = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'gateway-readme-'));
const env = {
  SENLIN_PASSWORD: 'not-a-password-1',
  NERM_TOKEN: 'not-a-token-of-nerm',
  IAM_PASSWORD: 'not-a-password-2',
  NCP_ACCESS_KEY: 'NOTANACCESSKEY',
  NCP_SECRET_KEY: 'not-a-secret-key',
  HR_PORTAL_KEY: 'not-a-key-of-the-portal',
  // What a terminal would show, with the status behind it, and past any proxy.
  CURL_HOME: folder,
};
const configuration = join(folder, 'gateway.yaml');

beforeAll(() => {
  writeFileSync(configuration, readFileSync(join(ROOT, 'gateway.example.yaml')));
  const curlrc = [
    'silent',
    'show-error',
    'noproxy = "*"',
    String.raw`write-out = "\n%{http_code}"`,
  ];
  writeFileSync(join(folder, '.curlrc'), curlrc.join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A line of the README, or none: then the README has lost what a test is about. */
function line(start: string): string {
  const found = lines.find((candidate) => candidate.startsWith(start));
  if (found === undefined) throw new Error(`the README has no line ${start}`);
  return found;
}

/** A line with the port it names replaced by any free one. */
function anyPort(text: string): string {
  expect(text).toMatch(/--port \d+$/);
  return text.replace(/--port \d+$/, '--port 0');
}

async function curl(text: string, origin: string): Promise<{ status: number; body: JsonObject }> {
  const { host } = new URL(origin);
  const { code, stderr, stdout } = await run(shell(text.replaceAll(PRINTED, host), { env }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, answer = '', status = ''] = /^([\s\S]*)\n(\d{3})$/.exec(stdout) ?? [];
  const body = parseExact(answer);
  return { status: Number(status), body: isObject(body) ? body : {} };
}

/** What the README prints, where `…` stands for what it leaves out, is part of `actual`. */
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

test('every line is one that is run here', () => {
  const known = new Set([
    'npm ci',
    'npm start',
    ...curls,
    ...lines.filter((text) => EXPLAINS.test(text)),
    line('npm start -- --config'),
    line('npm run config:check --'),
    line('npm run sandbox -- --port'),
    'npx wrangler dev',
  ]);
  expect(lines.filter((text) => !known.has(text))).toEqual([]);
  // A clean installation and the Worker's development server are tried elsewhere.
  expect(lines).toEqual(expect.arrayContaining(['npm ci', 'npm start', 'npx wrangler dev']));
  expect(writes.length).toBeGreaterThanOrEqual(4);
  expect(curls.length).toBeGreaterThan(writes.length);
});

test('every script it names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named).not.toEqual([]);
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

describe('npm start', () => {
  let child: Child;
  let origin: string;

  beforeAll(async () => {
    child = shell(line('npm start'), { env: { ...env, PORT: '0' } });
    origin = (await child.says(LISTENING, READY_MS_MAX))[1] ?? '';
  });
  afterAll(() => end(child));

  test('prints the same lines', async () => {
    await child.says(/senlin-demo:/);
    const { host } = new URL(origin);
    const printed = child
      .stdout()
      .split('\n')
      .filter((text) => text.startsWith('curl '))
      .map((text) => text.replaceAll(host, PRINTED));
    expect(printed.toSorted()).toEqual(writes.toSorted());
  });

  test.each(writes)('%s', async (text) => {
    const { body, status } = await curl(text, origin);
    expect(status).toBe(200);
    expect(body.write).toMatchObject({ outcome: 'applied', losses: [], unconfirmed: [] });
    const sent = parseExact(/-d '(.*)'$/.exec(text)?.[1] ?? '') ?? null;
    expectPromised(sent, body.profile);
    const promised = parseExact(blocks('json')[0] ?? '');
    const id = ownText(ownObject(promised, 'profile'), 'id');
    expect(id).toMatch(/^nerm-demo:/);
    if (text.includes(String(id).split('…')[0] ?? '')) expectPromised(promised ?? null, body);
  });

  test.each(curls.filter((text) => !writes.includes(text)))('%s', async (text) => {
    const { body, status } = await curl(text, origin);
    expect(status).toBe(200);
    const path = new URL(text.split(' ').at(-1) ?? '').pathname;
    const write = writes.find((candidate) => candidate.includes(path));
    const sent = parseExact(/-d '(.*)'$/.exec(write ?? '')?.[1] ?? '{}') ?? null;
    if (path.startsWith('/profiles/')) expectPromised(sent, body.profile);
  });
});

describe(line('npm start -- --config'), () => {
  const command = anyPort(line('npm start -- --config')).replace('gateway.yaml', configuration);

  test('serves the example', async () => {
    const child = shell(command, { env });
    try {
      const [, origin = ''] = await child.says(LISTENING, READY_MS_MAX);
      const health = await fetch(`${origin}/healthz`);
      expect({ status: health.status, body: await health.json() }).toMatchObject({
        status: 200,
        body: { status: 'ok' },
      });
      const authorization = `Bearer ${env.HR_PORTAL_KEY}`;
      const answer = await fetch(`${origin}/capabilities`, { headers: { authorization } });
      const { targets } = JSON.parse(await answer.text());
      const vendors = targets.map(({ vendor }: { vendor: string }) => vendor);
      // The example's caller may use `nerm-*` only.
      expect(vendors).toEqual(['nerm']);
    } finally {
      await end(child);
    }
  });

  test('exits with 78 when the configuration is broken, all problems told', async () => {
    const broken = join(folder, 'broken.yaml');
    writeFileSync(broken, `${readFileSync(configuration, 'utf8')}\nsurprise: 1\n`);
    const text = command.replace(configuration, broken);
    const result = await run(shell(text, { env: { ...env, NERM_TOKEN: undefined } }));
    expect(result.code).toBe(78);
    expect(result.stderr).toMatch(/^targets\.nerm-acme\.auth\.token: the environment has no /m);
    expect(result.stderr).toMatch(/^surprise: /m);
    expect(result.stderr).not.toMatch(/^ +at /m);
  });
});

test(line('npm run config:check --'), async () => {
  const text = line('npm run config:check --').replace('gateway.yaml', configuration);
  const { code, stdout } = await run(shell(text, { env }));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}routes\.0 .* -> nerm-acme/m);
});

describe(line('npm run sandbox -- --port'), () => {
  test('serves every sandbox under its path', async () => {
    const child = shell(anyPort(line('npm run sandbox -- --port')), { env });
    try {
      const [, origin = ''] = await child.says(/^senlin: (http:\/\/[^/]+)\/senlin$/m, READY_MS_MAX);
      const sentence = /serves the sandboxes alone, under ([^.]+)\./.exec(readme)?.[1] ?? '';
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
});

test.each(lines.filter((text) => EXPLAINS.test(text)))('%s', async (text) => {
  const patch = join(folder, 'patch.json');
  writeFileSync(patch, '{"name":"explained"}');
  const command = text.replace('gateway.yaml', configuration).replace(/\S+\.json$/, patch);
  const { code, stdout } = await run(shell(command.replace('npm run', 'npm run -s'), { env }));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ prediction: 'write' });
});
