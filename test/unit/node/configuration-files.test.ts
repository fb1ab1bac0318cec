// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { loadFile } from '../../../src/node/config/load-config.ts';
import { createAuthority } from '../../integration/limits/authority.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-files-'));
const { ca, remove } = createAuthority(['127.0.0.1']);
afterAll(() => {
  rmSync(folder, { recursive: true });
  remove();
});

/** The configuration of a file beside which `files` are. */
async function load(token: string, more: JsonObject = {}, files: Record<string, string> = {}) {
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const nerm = {
    vendor: 'nerm',
    baseUrl: 'http://127.0.0.1:9',
    auth: { method: 'token', token },
    ...more,
  };
  const path = join(folder, 'gateway.json');
  writeFileSync(path, JSON.stringify({ version: 1, targets: { nerm } }));
  return loadFile(path);
}

test('files are looked for from the folder of the configuration', async () => {
  const tls = { tls: { caFile: './secrets/ca.pem' } };
  const files = { 'secrets/token': 'a-token-of-a-file', 'secrets/ca.pem': ca };
  expect(await load('${file:secrets/token}', tls, files)).toMatchObject({ ok: true });
});

/** A target whose password is in the file `secrets/password`. */
async function loadPassword(content: string) {
  const auth = {
    method: 'password',
    username: 'u',
    userDomain: 'd',
    project: 'p',
    projectDomain: 'd',
    password: '${file:secrets/password}',
    url: 'http://127.0.0.1:9/v3',
  };
  const read = await load('', { vendor: 'senlin', auth }, { 'secrets/password': content });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const secrets = read.gateway.targets.get('nerm')?.connection.secrets.map(({ value }) => value);
  return { secrets, warnings: read.warnings };
}

const BREAK = 'ends in a line break';

test.each([
  ['pass word ends in blank \n', 'pass word ends in blank ', []],
  ['\tpass-word\t\r\n', '\tpass-word\t', []],
  ['no-line-break', 'no-line-break', []],
  ['two-line-breaks\n\n', 'two-line-breaks\n', [`targets.nerm.auth.password: ${BREAK}`]],
])('%j loses its last line break and nothing else', async (content, password, warnings) => {
  const read = await loadPassword(content);
  expect(read.secrets).toContain(password);
  expect(read.warnings).toEqual(warnings);
});

describe('a stream is refused with words', () => {
  const IS_STREAM = 'is a pipe or a device, not a file';
  execFileSync('mkfifo', [join(folder, 'pipe')]);

  test('as a configuration', async () => {
    for (const path of [join(folder, 'pipe'), '/dev/zero']) {
      const problems = [{ path, message: IS_STREAM }];
      expect(await loadFile(path)).toEqual({ ok: false, problems });
    }
  });

  test('as a secret, as certificates and as links', async () => {
    const path = join(folder, 'streams.json');
    const auth = { method: 'token', token: '${file:pipe}' };
    const nerm = { vendor: 'nerm', baseUrl: 'http://127.0.0.1:9', auth, tls: { caFile: 'pipe' } };
    writeFileSync(path, JSON.stringify({ version: 1, targets: { nerm }, links: './pipe' }));
    expect(await loadFile(path)).toEqual({
      ok: false,
      problems: [
        { path: 'targets.nerm.auth.token', message: `the file pipe ${IS_STREAM}` },
        { path: 'targets.nerm.tls.caFile', message: IS_STREAM },
        { path: 'links', message: IS_STREAM },
      ],
    });
  });
});
