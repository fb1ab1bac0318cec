import { createHmac, hash } from 'node:crypto';
import type { Digests } from '../contract/digest.ts';

/** Digests by Node's own crypto: synchronous, so that signing costs no turn of the event loop. */
export const nodeDigests: Digests = {
  sha256Hex: (text) => hash('sha256', text, 'hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text, 'utf8').digest(),
};
