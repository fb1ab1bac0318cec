import { notBegun, profileKeys } from '../begin-write.ts';
import { type PatchAnswer, type Replay, refused } from '../patch-answer.ts';
import { answerRepeat, type RepeatedRequest } from './answer-repeat.ts';

/**
 * Looks for the answer to a request that cannot be written now, such as one to a target that has
 * become read-only: what became of its first sending must not be hidden by that. Undefined where it
 * has none. Nothing is sent but for reads.
 */
export async function findEarlier(
  repeated: RepeatedRequest,
  writeId: string,
): Promise<PatchAnswer | Replay | undefined> {
  const { keyed, ports, request } = repeated;
  const asked = { ...profileKeys(request.resolved), writeId, waitMsMax: 0 };
  const begun = await ports.state.begin({ ...asked, idempotency: keyed.key });
  switch (begun.kind) {
    case 'begun':
      await ports.state.end(begun);
      return undefined;
    case 'answered':
      return answerRepeat(repeated, begun.answer, begun.leftMs);
    case 'in_progress':
    case 'keys_lost':
    case 'unavailable':
      return { ...refused(request, notBegun(begun)), writeId };
    case 'busy':
    case 'in_doubt':
    case 'stale':
      return undefined;
  }
}
