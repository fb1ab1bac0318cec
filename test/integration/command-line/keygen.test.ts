import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { CLI } from '../../support/child.ts';
import { read } from '../../support/client.ts';
import { withGateway } from '../../support/gateway.ts';
import { NERM } from '../../support/profiles.ts';

function makeKey(...flags: string[]) {
  return spawnSync(process.execPath, [CLI, 'keygen', ...flags], { encoding: 'utf8' });
}

it('makes a key and the form by which a configuration knows it', async () => {
  const { status, stderr, stdout } = makeKey();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [key = '', hashed = ''] = stdout.split('\n');
  expect(key).toMatch(/^pgw_[\w-]{43}$/);
  expect(hashed).toBe(`sha256:${createHash('sha256').update(key).digest('hex')}`);
  await withGateway({ callers: { a: { key: hashed, scopes: ['profiles:read'] } } }, async (own) => {
    const headers = { authorization: `Bearer ${key}` };
    expect((await read(own.origin, NERM, headers)).status).toBe(200);
    const hash = { authorization: `Bearer ${hashed}` };
    expect((await read(own.origin, NERM, hash)).status).toBe(401);
  });
});

it('prints the same as JSON', () => {
  const { key, hash, ...others } = JSON.parse(makeKey('--json').stdout);
  expect(key).toMatch(/^pgw_[\w-]{43}$/);
  expect(hash).toBe(`sha256:${createHash('sha256').update(key).digest('hex')}`);
  expect(others).toEqual({});
});

it('makes another one each time, and takes no arguments', () => {
  expect(makeKey().stdout).not.toBe(makeKey().stdout);
  expect(makeKey('secret')).toMatchObject({ status: 64, stdout: '' });
});
