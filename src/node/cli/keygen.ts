import { randomBytes } from 'node:crypto';
import { readFlags, usageOf } from '../command-line.ts';
import { nodeDigests } from '../digests.ts';

export const help = `usage: profile-gateway keygen [--json]

Prints a new API key for a caller, and the form in which a configuration may hold it.

  --json      print {key, hash} as JSON
  -h, --help  print this text

exit codes:
   0  success
  64  wrong arguments`;

/** Nobody guesses 256 random bits; the prefix lets scanners for leaked secrets know a key. */
const KEY_BYTES = 32;
const KEY_PREFIX = 'pgw_';

export async function run(args: readonly string[]): Promise<void> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values } = readFlags({ args: [...args], options }, usageOf(help));
  const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
  const hash = `sha256:${await nodeDigests.sha256Hex(key)}`;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ key, hash })}\n`);
    return;
  }
  process.stdout.write(
    `${key}\n` +
      `${hash}\n\n` +
      'The caller sends the first line: Authorization: Bearer <key>. It is not kept anywhere.\n' +
      'The second line can stand as the `key` of the caller in the configuration.\n',
  );
}
