import { randomBytes } from 'node:crypto';
import { readFlags } from '../command-line.ts';
import { nodeDigests } from '../digests.ts';

/** Nobody guesses 256 random bits; the prefix lets scanners for leaked secrets know a key. */
const KEY_BYTES = 32;
const KEY_PREFIX = 'pgw_';

/** `npm run key`: a new API key for a caller, and the form in which a configuration may hold it. */
readFlags({ options: {} }, 'usage: npm run key');
const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
const hash = await nodeDigests.sha256Hex(key);
process.stdout.write(
  `${key}\n` +
    `sha256:${hash}\n\n` +
    'The caller sends the first line: Authorization: Bearer <key>. It is not kept anywhere.\n' +
    'The second line can stand as the `key` of the caller in the configuration.\n',
);
