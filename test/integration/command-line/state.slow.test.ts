import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { begun, receiptRow } from '../../state/suite/store.ts';
import { CLI, node, run, shell } from '../../support/child.ts';

/** Escape codes that take away the last line of a progress. */
const ERASED = '\r\u001b[K';

describe('state', () => {
  let folder = '';
  let path = '';
  const command = (...args: string[]) => run(node([CLI, 'state', ...args, '--config', path]));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'state-command-'));
    path = join(folder, 'gateway.yaml');
    const target = `vendor: nerm, baseUrl: 'http://127.0.0.1:1/api', auth: {method: token, token: a-long-token}`;
    await writeFile(path, `version: 1\nstate: {file: ./state.db}\ntargets: {a: {${target}}}\n`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('migrate makes the file, and again does no harm', async () => {
    for (let i = 0; i < 2; i += 1) {
      expect(await command('migrate')).toMatchObject({
        code: 0,
        stdout: 'the tables are up to date\n',
      });
    }
  });

  test('status shows who is there and what is in doubt, and export every receipt', async () => {
    const database = await openSqliteDatabase({
      path: join(folder, 'state.db'),
      durability: 'process',
      timeoutMs: 1_000,
    });
    const replica = await database.startReplica({ name: 'one', version: '1' });
    const ids = Array.from({ length: 120 }, (_, i) => `write-${i}`);
    for (const writeId of ids) {
      const lease = await begun(database, replica, writeId, { key: writeId });
      const doubtMs = writeId === 'write-7' ? 60_000 : 0;
      await database.end([{ ...lease, doubtMs, receipt: receiptRow(writeId) }]);
    }
    await database.close();
    const status = await command('status');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toEqual({
      lockScope: 'machine',
      replicas: [{ replica, name: 'one', version: '1', startedAt: expect.any(String) }],
      inDoubt: [{ profile: 'write-7', leftMs: expect.any(Number) }],
    });
    const lines = (await command('export')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).writeId)).toEqual(ids.toReversed());
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      outcome: 'applied',
      requestId: 'of write-119',
    });
  });

  test('export shows in a terminal how far it is, and in a log a line now and then', async () => {
    const line = `${process.execPath} ${CLI} state export --config ${path}`;
    const receipts = join(folder, 'receipts.jsonl');
    const inTerminal = await run(shell(`script -qec '${line} > ${receipts}' /dev/null`));
    expect(inTerminal).toMatchObject({ code: 0, stdout: expect.stringContaining('120 receipts') });
    expect(inTerminal.stdout.endsWith(ERASED)).toBe(true);
    expect((await readFile(receipts, 'utf8')).trim().split('\n')).toHaveLength(120);
    const both = await run(shell(`script -qec '${line}' /dev/null`));
    expect(both.stdout).not.toMatch(/\d receipts/);
    const inLog = await command('export');
    expect(inLog).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\d+ receipts\n$/) });
  });

  test('restored closes what was open, and takes at most keyHours', async () => {
    expect((await command('restored', '--repeat-hours', '25')).code).toBe(64);
    expect(await command('restored', '--repeat-hours', '2')).toMatchObject({
      code: 0,
      stdout: 'all sessions are closed; unknown keys are rejected for 2 hours\n',
    });
    expect(JSON.parse((await command('status')).stdout)).toMatchObject({ replicas: [] });
    const answers = [await command('restored', '--json'), await command('migrate', '--json')];
    expect(answers.map(({ stdout }) => JSON.parse(stdout))).toEqual([
      { sessions: 'closed', repeatHours: 24 },
      { tables: 'up_to_date' },
    ]);
  });

  test('ends with the code of what is wrong', async () => {
    expect((await command('forget')).code).toBe(64);
    const without = join(folder, 'without.yaml');
    const target = `vendor: nerm, baseUrl: 'http://127.0.0.1:1/api', auth: {method: token, token: a-long-token}`;
    await writeFile(without, `version: 1\ntargets: {a: {${target}}}\n`);
    expect(await run(node([CLI, 'state', 'status', '--config', without]))).toMatchObject({
      code: 78,
      stderr: 'state: is missing: nothing is kept\n',
    });
    const url = 'postgres://nobody:a-long-password@127.0.0.1:1/none';
    const state = `{url: '${url}', hashKey: a-hash-key-of-some-length}`;
    await writeFile(without, `version: 1\nstate: ${state}\ntargets: {a: {${target}}}\n`);
    const down = await run(node([CLI, 'state', 'migrate', '--config', without]));
    expect(down).toMatchObject({
      code: 69,
      stderr: 'the state does not answer: nobody listens at the address of the database\n',
    });
  });
});
