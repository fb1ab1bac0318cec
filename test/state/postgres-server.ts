import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chownSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '../support/free-port.ts';

/** A PostgreSQL of Debian's package that lives as long as a test file, with fsync as by default. */
export type PostgresServer = {
  readonly port: number;
  /** A URL of the database, at this port or another one that leads there. */
  readonly url: (port?: number) => string;
  /** Runs statements as the owner of all, past what is tested. */
  readonly run: (text: string) => Promise<Record<string, unknown>[]>;
  /** Takes away the tables, for the next test. */
  readonly empty: () => Promise<void>;
  /** Takes other settings, which hold from the next start on. */
  readonly configure: (text: string) => void;
  /** Gives the server's user a file of this name in its folder, which only that user can read. */
  readonly keep: (name: string, text: string) => string;
  /** Ends the server in good order, and starts it again. */
  readonly restart: () => void;
  /** Crashes the server, and starts it again. */
  readonly crash: () => void;
  readonly stop: () => void;
  readonly start: () => void;
  /** Folder of its data, the write-ahead log included. */
  readonly data: string;
  /** The server's processes. */
  readonly pids: () => number[];
  /** Kills all of them at once. */
  readonly kill: () => void;
  readonly remove: () => void;
};

export type PooledServer = { readonly port: number; readonly stop: () => void };

/** Longest time in which a server is made and started. */
export const START_MS_MAX = 60_000;

export const USER = 'gateway';
export const PASSWORD = 'pass/word of @ gateway';
const DATABASE = 'state';

const binaries = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
const bouncer = '/usr/sbin/pgbouncer';
export const NGINX = '/usr/sbin/nginx';

type Server = 'postgresql' | 'pgbouncer' | 'nginx-light';

/** Says why a test cannot run, which is added to the file SKIP_REASONS; undefined where it can. */
export function reasonToSkip(suite: string, needs: Server): string | undefined {
  const program = { postgresql: binaries, pgbouncer: bouncer, 'nginx-light': NGINX }[needs];
  if (hasPostgres() && existsSync(program ?? '')) return undefined;
  const reason = `${suite}: skipped (no ${needs} here: apt-get install postgresql ${needs})`;
  if (process.env.SKIP_REASONS) appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
  return reason;
}

/** Servers refuse to run as root. */
const user = ((): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0)
    return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout),
    );
    if (uid && gid) return { uid, gid };
  }
  return undefined;
})();

/** Whether a server can be started here. */
export function hasPostgres(): boolean {
  return binaries !== undefined && user !== undefined;
}

/** A program that comes with the server. */
export function postgresProgram(name: string): string {
  return join(binaries ?? '', name);
}

/** Makes a folder that servers may write to. */
export function serverFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Starts a server at a port, by default any free one. */
export async function startPostgres(at?: {
  readonly port?: number;
  readonly password?: string;
}): Promise<PostgresServer> {
  const { password = PASSWORD, port = await freePort() } = at ?? {};
  const folder = serverFolder('postgres');
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  runBinary(folder, 'initdb', [
    ...['-D', data, '-U', USER, `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'],
    ...['--locale=C.UTF-8', '--auth=scram-sha-256'],
  ]);
  const control = (...args: string[]): void =>
    runBinary(folder, 'pg_ctl', ['-D', data, '-w', ...args]);
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`;
  const start = (): void => control('-o', settings, '-l', join(folder, 'log'), 'start');
  const stop = (): void => control('-m', 'immediate', 'stop');
  const url = (at = port, database = DATABASE): string =>
    `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${at}/${database}`;
  const query = async (text: string, database: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url(port, database) });
    await client.connect();
    const { rows } = await client.query(text);
    await client.end();
    return rows;
  };
  const remove = (): void => {
    process.off('exit', remove);
    stopServer(data);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', remove);
  start();
  await query(`CREATE DATABASE ${DATABASE}`, 'postgres');
  return {
    port,
    data,
    url: (at) => url(at),
    run: (text) => query(text, DATABASE),
    empty: async () => {
      await query('DROP SCHEMA IF EXISTS profile_gateway CASCADE', DATABASE);
    },
    configure: (text) => appendFileSync(join(data, 'postgresql.conf'), `\n${text}\n`),
    keep: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (user !== undefined) chownSync(path, user.uid, user.gid);
      return path;
    },
    restart: () => control('-m', 'fast', 'restart'),
    crash: () => control('-m', 'immediate', 'restart'),
    stop,
    start,
    pids: () => serverPids(data),
    kill: () => killServer(data),
    remove,
  };
}

/** Kills a server with all its processes, as the end of its machine does. */
function killServer(data: string): void {
  const [first, ...others] = serverPids(data);
  for (const pid of [first ?? 0, ...others]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended with the first one.
    }
  }
}

/** Stops a server that may have ended already. */
export function stopServer(data: string): void {
  spawnSync(postgresProgram('pg_ctl'), ['-D', data, '-m', 'immediate', 'stop'], { ...user });
}

/** Lists the processes of a server, the first of them in front. */
function serverPids(data: string): number[] {
  const [first = ''] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  const { stdout } = spawnSync('pgrep', ['-P', first], { encoding: 'utf8' });
  return [first, ...stdout.trim().split('\n')].filter((pid) => pid !== '').map(Number);
}

/** Runs a program of PostgreSQL's to its end, as the user who may run servers. */
function runBinary(folder: string, command: string, args: readonly string[]): void {
  execFileSync(postgresProgram(command), args, { ...user, cwd: folder, stdio: 'ignore' });
}

/** The same while this process does other work. */
export async function runBeside(folder: string, command: string, args: string[]): Promise<void> {
  const env = { ...process.env, PGPASSWORD: PASSWORD };
  const child = spawn(postgresProgram(command), args, {
    ...{ ...user, cwd: folder, env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
}

/** Starts a PgBouncer of Debian's package in front of a server, in transaction mode. */
export async function startPgBouncer(
  server: PostgresServer,
  ...lines: string[]
): Promise<PooledServer> {
  const folder = serverFolder('pgbouncer');
  const port = await freePort();
  writeFileSync(join(folder, 'users'), `"${USER}" "${PASSWORD}"\n`);
  const configuration = join(folder, 'pgbouncer.ini');
  const text = [
    '[databases]',
    `* = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]',
    `listen_port = ${port}`,
    'listen_addr = 127.0.0.1',
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${folder}/users`,
    'pool_mode = transaction',
    ...lines,
  ];
  writeFileSync(configuration, `${text.join('\n')}\n`);
  const child = spawn(bouncer, [configuration], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = (): void => {
    process.off('exit', stop);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', stop);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('process up')) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
  return { port, stop };
}
