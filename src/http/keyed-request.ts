import type { Digests } from '../adapter-kit/index.ts';
import { digestKey, type KeyedParts } from '../profiles/idempotency/digest-key.ts';
import type { KeyedRequest, Preferences } from '../profiles/patch-request.ts';
import { createSealer } from '../writes/sealed-answer.ts';
import { renderWrite } from './write-answer.ts';

/**
 * Digests the key of a request and keeps it only in what seals its answers. `parts` has the
 * preferences as they were sent, `preferences` as they are followed.
 */
export async function keyRequest(
  digests: Digests,
  parts: KeyedParts,
  preferences: Preferences,
  requestId: string,
): Promise<KeyedRequest> {
  const key = await digestKey(digests, parts);
  return {
    key,
    sealer: createSealer(parts.secret, key),
    render: (answer, target, isShort) => {
      const shown = isShort ? { ...preferences, minimal: true } : preferences;
      return renderWrite(answer, { preferences: shown, target, requestId });
    },
  };
}
