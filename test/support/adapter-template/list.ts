import * as z from 'zod/mini';
import {
  bodyObject,
  type Conversation,
  fail,
  isList,
  isObject,
  isSuccess,
  type JsonRequests,
  type ListOperation,
  type ListPage,
  own,
  ownFault,
  type StoredProfile,
  succeed,
  vendorFault,
} from '../../../src/adapter-kit/index.ts';
import { faultOf } from './errors.ts';
import { LIST } from './operations.ts';
import { storedProfile } from './profile.ts';

/** The number of a page, and the first profile of the page before. */
const positionSchema = z.object({ page: z.int().check(z.gte(1)), before: z.string() });

/** Lists profiles by pages that have numbers; a page without profiles is the last one. */
export function listOperation({ get }: JsonRequests): ListOperation {
  return {
    ...LIST,
    *page({ limit, position = { page: 1, before: '' } }): Conversation<ListPage> {
      const place = positionSchema.safeParse(position);
      if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no page.'));
      const { before, page } = place.data;
      const query = new URLSearchParams({ page: String(page), limit: String(limit) });
      const response = yield get(`?${query}`);
      if (!isSuccess(response)) return fail(faultOf(response));
      const rows = own(bodyObject(response) ?? {}, 'profiles');
      if (!isList(rows)) return fail(vendorFault('target_invalid_response', response));
      const items: StoredProfile[] = [];
      for (const row of rows) {
        const item = isObject(row) ? storedProfile(row) : undefined;
        if (item === undefined) return fail(vendorFault('target_invalid_response', response));
        items.push(item);
      }
      const first = items[0]?.upstreamId;
      if (first === undefined) return succeed({ items });
      // A vendor that does not know `page` shows the same page for ever.
      if (first === before) return fail(vendorFault('target_invalid_response', response));
      return succeed({ items, next: { page: page + 1, before: first } });
    },
  };
}
