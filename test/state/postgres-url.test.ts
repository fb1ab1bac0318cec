import { describe, expect, test } from 'vitest';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import { readDatabaseUrl } from '../../src/node/state/postgres/url.ts';
import { unusedOrigin } from '../support/free-port.ts';

const SECRET = 'hunter2-of-the-state';

describe('the URL of the state', () => {
  test('leads to a host, a port and a database', () => {
    const target = readDatabaseUrl('postgresql://us%40er:pw@127.0.0.1:6432/db');
    expect(target).toMatchObject({ host: '127.0.0.1', port: 6432, user: 'us@er', database: 'db' });
    expect(readDatabaseUrl('postgres://u@[::1]/db')).toMatchObject({ host: '::1', port: 5432 });
    expect(readDatabaseUrl('postgres://u@x/db?host=/run/postgresql').host).toBe('/run/postgresql');
  });

  test('is encrypted and verified but for this machine, or where it says so', () => {
    const tlsOf = (url: string, ca?: string) => readDatabaseUrl(url, ca).ssl;
    expect(tlsOf('postgres://u@127.0.0.1/db')).toBe(false);
    expect(tlsOf('postgres://u@x/db?host=/run/postgresql')).toBe(false);
    expect(tlsOf('postgres://u@db.test/db')).toEqual({ rejectUnauthorized: true });
    expect(tlsOf('postgres://u@127.0.0.1/db', 'PEM')).toEqual({
      rejectUnauthorized: true,
      ca: 'PEM',
    });
    expect(tlsOf('postgres://u@db.test/db?sslmode=require')).toEqual({ rejectUnauthorized: false });
    expect(tlsOf('postgres://u@db.test/db?sslmode=disable')).toBe(false);
    expect(() => tlsOf('postgres://u@db.test/db?sslmode=require', 'PEM')).toThrow(
      'sslmode=require',
    );
  });

  test.each([
    [`http://u:${SECRET}@h/db`, 'is not of the form'],
    [`postgres://u:${SECRET}@h:port/db`, 'is not of the form'],
    [`u:${SECRET}@h/db`, 'is not of the form'],
    [`postgres://:${SECRET}@h/db`, 'names no user'],
    [`postgres://u:${SECRET}@h`, 'names no database'],
    [`postgres://u:${SECRET}@h/db/more`, 'names no database'],
    [`postgres:///db?password=${SECRET}`, 'has the unknown parameter "password"'],
    ['postgres:///db', 'names no host'],
    [`postgres://u:${SECRET}%zz@h/db`, 'has a percent sign'],
    [`postgres://u:${SECRET}@h/db?sslmode=prefer`, 'has another sslmode'],
  ])('is refused without its password: %#', async (url, problem) => {
    const opened = openPostgresDatabase({ url, durability: 'power', schema: 'auto' });
    const error = await opened.catch((reason: unknown) => reason);
    expect(String(error)).toContain(`The URL of the state ${problem}`);
    expect(String(error)).not.toContain(SECRET);
  });

  test('may lead to a server that is down: calls reject, and do not name the password', async () => {
    const { port } = new URL(await unusedOrigin());
    const url = `postgres://u:${SECRET}@127.0.0.1:${port}/db`;
    const database = await openPostgresDatabase({ url, durability: 'power', schema: 'check' });
    const error: unknown = await database.beat(1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StateUnavailable' });
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain(SECRET);
    await database.close();
  });
});
