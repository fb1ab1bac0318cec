import * as z from 'zod/mini';
import type { Conversation, HttpResponse } from './conversation.ts';
import { fail, ownFault, succeed } from './fault.ts';
import type { Json } from './json.ts';
import type { ListPage } from './operations/operations.ts';
import type { StoredProfile } from './profile.ts';
import { lazily } from './schemas/lazily.ts';
import { vendorFault } from './vendor-response.ts';

/** Profiles at the end of a page whose ids the position keeps. */
const KEPT_MAX = 4;

/**
 * Most pages in a row that may be the one before: new profiles move others on, but a target that
 * ignores the number of a page would be read for ever.
 */
const SAME_MAX = 4;

const positionSchema = lazily(() =>
  z.object({
    page: z.int(),
    /** The profiles listed last, which others created meanwhile may have moved on. */
    last: z.array(z.string()),
    /** Pages in a row that were the one before once more. */
    same: z.exactOptional(z.int()),
  }),
);

/** A page of a vendor whose pages have numbers: its profiles in their order. */
export type NumberedPage = {
  readonly response: HttpResponse;
  readonly profiles: readonly StoredProfile[];
  readonly isLast: boolean;
};

/**
 * Lists by pages that have numbers, from `first`. Leaves out profiles of the page before that
 * others have moved on; a target whose pages do not lead on is `target_invalid_response`.
 */
export function* listByNumber(
  position: Json | undefined,
  first: number,
  read: (page: number) => Conversation<NumberedPage>,
): Conversation<ListPage> {
  const place = positionSchema().safeParse(position ?? { page: first, last: [] });
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const { last, page, same = 0 } = place.data;
  const found = yield* read(page);
  if (!found.ok) return found;
  const { isLast, profiles, response } = found.value;
  const ids = profiles.map(({ upstreamId }) => upstreamId);
  const ends = ids.slice(-KEPT_MAX);
  const isSame = ends.length > 0 && ends.join() === last.join();
  if (isSame && same >= SAME_MAX) return fail(vendorFault('target_invalid_response', response));
  const known = new Set(isSame ? ids : last);
  const items = profiles.filter(({ upstreamId }) => {
    if (known.has(upstreamId)) return false;
    known.add(upstreamId);
    return true;
  });
  if (isLast) return succeed({ items });
  const next = { page: page + 1, last: ends };
  return succeed({ items, next: isSame ? { ...next, same: same + 1 } : next });
}
