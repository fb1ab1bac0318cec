import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import {
  PASSWORD,
  type PostgresServer,
  runBeside,
  serverFolder,
  stopServer,
  USER,
} from '../postgres-server.ts';
import { type StallingProxy, startProxy } from '../stalling-proxy.ts';

/** A server that follows another one, until it is promoted. */
export type Standby = {
  readonly port: number;
  /** Way by which it follows: what is stalled here has not come to the standby. */
  readonly replication: StallingProxy;
  /** Makes it the primary; resolves once it takes writes. */
  readonly promote: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

const LOOK_MS = 50;
const FOLLOWS_MS_MAX = 10_000;

/** Starts a standby by streaming replication; commits of the primary wait for it where asked. */
export async function startStandby(
  primary: PostgresServer,
  isSynchronous: boolean,
): Promise<Standby> {
  const folder = serverFolder('standby');
  const data = join(folder, 'data');
  const port = await freePort();
  const replication = await startProxy(primary.port);
  await runBeside(folder, 'pg_basebackup', [
    ...['-D', data, '-h', '127.0.0.1', '-p', `${primary.port}`, '-U', USER],
    ...['--write-recovery-conf', '--checkpoint=fast', '--no-sync', '-X', 'stream'],
  ]);
  const from = `host=127.0.0.1 port=${replication.port} user=${USER} password='${PASSWORD}'`;
  const line = `primary_conninfo = '${from.replaceAll("'", "''")}'\n`;
  appendFileSync(join(data, 'postgresql.auto.conf'), line);
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`;
  const log = join(folder, 'log');
  await runBeside(folder, 'pg_ctl', ['-D', data, '-w', '-o', settings, '-l', log, 'start']);
  await until(async () => {
    const rows = await primary.run('SELECT FROM pg_stat_replication WHERE state = $$streaming$$');
    return rows.length === 1;
  });
  if (isSynchronous) {
    await primary.run(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await primary.run('SELECT pg_reload_conf()');
    await until(async () => {
      const rows = await primary.run('SELECT sync_state FROM pg_stat_replication');
      return rows[0]?.sync_state === 'sync';
    });
  }
  const end = (): void => {
    stopServer(data);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', end);
  return {
    port,
    replication,
    promote: () => runBeside(folder, 'pg_ctl', ['-D', data, '-w', 'promote']),
    remove: async () => {
      process.off('exit', end);
      end();
      await replication.close();
    },
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + FOLLOWS_MS_MAX;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('the standby does not follow');
    await sleep(LOOK_MS);
  }
}
