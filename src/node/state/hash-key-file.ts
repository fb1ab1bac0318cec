import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { codeOf } from '../error-place.ts';

const HASH_KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * Reads the key beside a state file, and makes one where there is none: it must never stand in the
 * file whose hashes it protects. Of several processes that make one at once, all read the first.
 * Throws an error of the file system where that cannot be done.
 */
export function readOrMakeHashKey(statePath: string): string {
  const path = `${statePath}.key`;
  const known = readKey(path);
  if (known !== undefined) return known;
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const file = openSync(draft, 'wx', OWNER_ONLY);
  try {
    writeSync(file, `${randomBytes(HASH_KEY_BYTES).toString('hex')}\n`);
    // A link appears whole, and fails where another process has made it.
    linkSync(draft, path);
  } catch (error) {
    if (readKey(path) === undefined) throw error;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
  return readKey(path) ?? '';
}

function readKey(path: string): string | undefined {
  try {
    const key = readFileSync(path, 'utf8').trim();
    return key === '' ? undefined : key;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
