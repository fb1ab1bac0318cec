import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../../src/node/http-server/server.ts';
import type { TestReplica } from '../../state/replicas.ts';
import { CLI, node, run } from '../../support/child.ts';
import { unusedOrigin } from '../../support/free-port.ts';
import { KEYS, type Start } from '../lifecycle/operating.ts';
import { LISTS, withMatching } from '../matching/planted.ts';

/** Serves a replica on a port of its own. */
async function served(replica: TestReplica) {
  return await listen(
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      const text = request.method === 'GET' ? {} : { text: await request.text() };
      const answer = await replica.gateway.ask(request.method, pathname + search, {
        ...text,
        headers,
      });
      return new Response(answer.text, { status: answer.status, headers: answer.headers });
    },
    '127.0.0.1',
    0,
  );
}

type Links = (args: string[], key?: string) => ReturnType<typeof run>;

/** Runs a test with a gateway that is served, and the commands about links at it. */
function withCommands(work: (links: Links, replica: TestReplica) => Promise<void>) {
  return withMatching(LISTS, async (start: Start) => {
    const replica = await start();
    const { origin, server } = await served(replica);
    const links: Links = (args, key = KEYS.ops) =>
      run(node([CLI, 'links', ...args, '--url', origin], { env: { PROFILE_GATEWAY_KEY: key } }));
    try {
      await work(links, replica);
    } finally {
      server.close();
    }
  });
}

const MATCH = ['match', '--targets', 'acme,far', '--key', '/name', '--rate', '50'];

describe('links', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'links-command-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test(
    'match waits for the run, show lists it, and confirm links what is unique',
    withCommands(async (links) => {
      const matched = await links(MATCH);
      expect(matched.code).toBe(0);
      const [, id = ''] = /^match run (\S+) is ready\n/.exec(matched.stdout) ?? [];
      expect(matched.stdout).toContain('  unique          3\n  ambiguous       2\n');
      // No terminal: a line of its own, and no color.
      expect(matched.stderr).toBe(`match run ${id}\n`);
      const shown = await links(['show', id, '--situation', 'ambiguous']);
      const lines = shown.stdout.trim().split('\n');
      expect(lines.map((line) => line.split('\t').slice(1).join(' ')).toSorted()).toEqual([
        'ambiguous acme:a2 far:b2 far:b3',
        'ambiguous acme:a3 acme:a4 far:b4',
      ]);
      const unique = await links(['confirm', id, '--all', '--reason', 'looked at']);
      expect(unique).toMatchObject({ code: 0, stdout: '3 confirmed, 0 skipped\n' });
      const candidate = lines.find((line) => line.includes('a2'))?.split('\t')[0] ?? '';
      const refused = await links(['refuse', id, `${candidate}=a2,b2`, '--json']);
      expect(JSON.parse(refused.stdout)).toEqual({ refused: 1, skipped: [] });
      const skipped = await links(['confirm', id, `${candidate}=a2,b2`]);
      expect(skipped.code).toBe(65);
      expect(skipped.stdout).toBe(`0 confirmed, 1 skipped\n  ${candidate}\trefused\n`);
      const resumed = await links(['match', '--resume', id, '--json']);
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(resumed.stdout)).toMatchObject({
        ...{ id, state: 'ready', situations: { already_linked: 3, unique: 0 } },
      });
      const exported = (await links(['export'])).stdout.trim().split('\n');
      expect(exported.map((line) => JSON.parse(line)).toSorted(byId)).toEqual([
        { id: 'a1', targets: { acme: 'a1', far: 'b1' } },
        { id: 'a7', targets: { acme: 'a7', far: 'b7' } },
        { id: 'a8', targets: { acme: 'a8', far: 'b8' } },
      ]);
    }),
    60_000,
  );

  test(
    'import sets a file of any size, in parts, and export prints it again',
    withCommands(async (links, replica) => {
      const file = join(folder, 'links.jsonl');
      const lineOf = (n: number) => JSON.stringify({ id: `emp-${n}`, targets: { acme: idOf(n) } });
      const lines = Array.from({ length: 7_000 }, (_, n) => lineOf(n));
      await writeFile(file, `${lines.join('\n')}\n\n`);
      const dry = await links(['import', file, '--dry-run']);
      const counts = '7000 links: 7000 added, 0 replaced, 0 unchanged';
      expect(dry).toMatchObject({ code: 0, stdout: `${counts} (dry run)\n` });
      expect((await replica.database.control()).linksVersion).toBe(0);
      expect(await links(['import', file])).toMatchObject({ code: 0, stdout: `${counts}\n` });
      expect((await replica.database.control()).linksVersion).toBe(2);
      const exported = (await links(['export', '--json'])).stdout.trim().split('\n');
      expect(exported.toSorted()).toEqual(lines.toSorted());
      await writeFile(file, '{"id":"x"}\n');
      const bad = await links(['import', file]);
      expect(bad.code).toBe(69);
      expect(bad.stderr).toContain('/1: Line 1 targets must be an object.');
      expect(await links(['import', join(folder, 'none')])).toMatchObject({ code: 65 });
    }),
    60_000,
  );

  test(
    'says why where it cannot go on',
    withCommands(async (links) => {
      expect(await links(MATCH, KEYS.watcher)).toMatchObject({ code: 69, stdout: '' });
      const twice = await links(['match', '--targets', 'acme,acme', '--key', '/name']);
      expect(twice).toMatchObject({
        code: 69,
        stderr: 'invalid_patch: The targets must be two.\n',
      });
      for (const args of [['match', '--targets', 'acme'], ['confirm', 'x'], ['tell'], ['show']]) {
        expect(await links(args)).toMatchObject({ code: 64, stdout: '' });
      }
    }),
    60_000,
  );

  test('says that nobody is there', async () => {
    const url = await unusedOrigin();
    const { code, stderr } = await run(node([CLI, 'links', 'export', '--url', url]));
    expect({ code, stderr }).toEqual({ code: 69, stderr: `${url}: ECONNREFUSED\n` });
  });
});

const byId = (one: { id: string }, other: { id: string }): number => (one.id < other.id ? -1 : 1);

const idOf = (n: number): string => `33f072dd-13b4-41e1-8ea0-${String(n).padStart(12, '0')}`;
