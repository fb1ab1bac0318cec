import type { ClientConfig } from 'pg';
import { isLoopbackHost } from '../../../config/loopback.ts';

/**
 * Reads `postgres://user:password@host:port/database`, or with `?host=/folder` for a socket in a
 * folder. `sslmode` is `disable`, `require` (encrypted, to whoever answers) or `verify-full`, which
 * is taken for every host but this machine. Throws an error that holds nothing of the URL but the
 * names of its parameters.
 */
export function readDatabaseUrl(text: string, ca?: string): ClientConfig {
  const url = URL.parse(text);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    throw wrong('is not of the form postgres://user:password@host:port/database');
  }
  const { host: folder, sslmode, ...others } = Object.fromEntries(url.searchParams);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`has the unknown parameter "${unknown}"`);
  const host = folder ?? decoded(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const user = decoded(url.username);
  const database = decoded(url.pathname.slice(1));
  if (host === '') throw wrong('names no host');
  if (user === '') throw wrong('names no user');
  if (database === '' || database.includes('/')) throw wrong('names no database');
  const password = decoded(url.password);
  const isHere = host.startsWith('/') || isLoopbackHost(host);
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    database,
    // A function, so that the driver looks for a password neither in its variables nor in files.
    password: () => password,
    ssl: tlsFor(sslmode ?? (isHere && ca === undefined ? 'disable' : 'verify-full'), ca),
  };
}

function tlsFor(mode: string, ca: string | undefined): Exclude<ClientConfig['ssl'], undefined> {
  if (mode === 'verify-full') {
    return ca === undefined ? { rejectUnauthorized: true } : { rejectUnauthorized: true, ca };
  }
  if (mode !== 'disable' && mode !== 'require') {
    throw wrong('has another sslmode than disable, require or verify-full');
  }
  if (ca !== undefined) throw wrong(`has sslmode=${mode}, with which a CA verifies nothing`);
  return mode === 'require' ? { rejectUnauthorized: false } : false;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong('has a percent sign that is not encoded as %25');
  }
}

function wrong(problem: string): Error {
  return new Error(`The URL of the state ${problem}.`);
}
