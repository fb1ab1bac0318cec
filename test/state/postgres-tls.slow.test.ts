import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import { StateUnavailable } from '../../src/state/state-database.ts';
import { type Authority, createAuthority } from './certificates.ts';
import {
  PASSWORD,
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';

const skipped = reasonToSkip('postgres-tls', 'postgresql');

describe.skipIf(skipped !== undefined)('TLS to the database', () => {
  let server: PostgresServer;
  let own: Authority;
  let other: Authority;

  beforeAll(async () => {
    [own, other] = [createAuthority('own'), createAuthority('other')];
    server = await startPostgres();
    const { certificate, key } = own.issue('DNS:localhost');
    server.stop();
    const files = [server.keep('server.key', key), server.keep('server.crt', certificate)];
    server.configure(`ssl = on\nssl_key_file = '${files[0]}'\nssl_cert_file = '${files[1]}'`);
    server.start();
  }, START_MS_MAX);
  afterAll(() => {
    server?.remove();
    for (const authority of [own, other]) authority?.remove();
  });

  /** Asks the database at a host; returns how the session is encrypted, or why there is none. */
  async function ask(host: string, mode: string, ca?: string): Promise<unknown> {
    const url = `${server.url().replace('127.0.0.1', host)}?sslmode=${mode}`;
    const options = { url, durability: 'power', schema: 'auto', timeoutMs: 5_000 } as const;
    const database = await openPostgresDatabase({
      ...options,
      ...(ca === undefined ? {} : { ca }),
    });
    try {
      await database.replicas();
      const rows = await server.run(
        `SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE application_name = 'profile-gateway'`,
      );
      return rows[0];
    } catch (error) {
      expect(error).toBeInstanceOf(StateUnavailable);
      const { message, reason } = error as StateUnavailable;
      for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) {
        expect(`${message} ${reason}`).not.toContain(secret);
      }
      return reason;
    } finally {
      await database.close();
    }
  }

  test('verify-full connects with the authority of the server', async () => {
    expect(await ask('localhost', 'verify-full', own.certificate)).toEqual({ ssl: true });
  });

  test('verify-full rejects the server of another authority', async () => {
    const words = 'the certificate of the database is from an authority that is not trusted';
    expect(await ask('localhost', 'verify-full', other.certificate)).toMatch(words);
    // Nor is it one of the public ones.
    expect(await ask('localhost', 'verify-full')).toMatch(words);
  });

  test('verify-full rejects the server of another name', async () => {
    expect(await ask('127.0.0.1', 'verify-full', own.certificate)).toBe(
      'the certificate of the database is for another host',
    );
  });

  test('require encrypts, whoever answers', async () => {
    expect(await ask('127.0.0.1', 'require')).toEqual({ ssl: true });
  });

  test('a server without TLS is rejected', { timeout: START_MS_MAX }, async () => {
    server.stop();
    server.configure('ssl = off');
    server.start();
    expect(await ask('localhost', 'verify-full', own.certificate)).toBe(
      'the database has no TLS, which sslmode requires',
    );
    expect(await ask('localhost', 'disable')).toEqual({ ssl: false });
  });
});
