import * as z from 'zod/mini';
import {
  bodyObject,
  type Conversation,
  decodeContent,
  fail,
  type HttpRequest,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  type ListDeclaration,
  type ListPage,
  type ListRequest,
  lazily,
  own,
  ownFault,
  ownText,
  parsePlain,
  type Result,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { hasError, naverFault } from './errors.ts';
import { fields } from './fields.ts';

/**
 * Pages have numbers from 0, and no documented maximum (management-subaccount-getprofiles,
 * 2026-09-17). Items are what a read shows.
 */
export const listDeclaration: ListDeclaration = {
  filters: [
    { name: 'name', pointer: '/name' },
    { name: 'extensions.naver.profileNrn', pointer: '/extensions/naver/profileNrn' },
  ],
  pageSizeMax: 100,
  completeness: 'shifting',
  omitted: [],
};

/** Profiles at the end of a page whose ids the position keeps. */
const KEPT_MAX = 4;

const positionSchema = lazily(() =>
  z.object({
    page: z.int(),
    /** The profiles listed last, which others created meanwhile may have moved on. */
    last: z.array(z.string()),
    /** Pages in a row that were the one before once more. */
    same: z.exactOptional(z.int()),
  }),
);

/**
 * Most pages in a row that may be the one before: new profiles move others on, but a target that
 * ignores the number of a page would be read for ever.
 */
const SAME_MAX = 4;

/**
 * Reads the page of a number. The end is an empty page, or one shorter than the size that the
 * answer itself states: `totalElements` may count the page alone.
 */
export function* readPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position = { page: 0, last: [] } }: ListRequest,
): Conversation<ListPage> {
  const place = positionSchema().safeParse(position);
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const { last, page, same = 0 } = place.data;
  const response = yield get(`?${searchOf(filters)}page=${page}&size=${limit}`);
  const body = bodyObject(response, parsePlain);
  const profiles = profilesIn(body, response);
  if (!profiles.ok) return profiles;
  const ids = profiles.value.map((profile) => ownText(profile, 'profileId') ?? '');
  const ends = ids.slice(-KEPT_MAX);
  const isSame = ends.length > 0 && ends.join() === last.join();
  if (isSame && same >= SAME_MAX) return fail(vendorFault('target_invalid_response', response));
  const known = new Set(isSame ? ids : last);
  const items = profiles.value.flatMap((profile, i) => {
    const upstreamId = ids[i] ?? '';
    if (known.has(upstreamId)) return [];
    known.add(upstreamId);
    return [{ upstreamId, content: decodeContent(fields, profile) }];
  });
  const answered = own(body ?? {}, 'pageSize');
  const size = typeof answered === 'number' ? answered : limit;
  if (ids.length === 0 || ids.length < size) return succeed({ items });
  const next = { page: page + 1, last: ends };
  return succeed({ items, next: isSame ? { ...next, same: same + 1 } : next });
}

/** Characters that stand in a query as they are. */
const PLAIN = /^[A-Za-z0-9._:/-]+$/;

/**
 * One search at a time, and only for a word that needs no encoding: no page states if the signature
 * covers the encoded text. The others are found by a walk, since every item is compared again.
 */
function searchOf(filters: ReadonlyMap<string, string>): string {
  const nrn = filters.get('extensions.naver.profileNrn');
  const name = filters.get('name');
  if (nrn !== undefined && PLAIN.test(nrn)) return `searchColumn=profileNrn&searchWord=${nrn}&`;
  return name !== undefined && PLAIN.test(name) ? `searchColumn=name&searchWord=${name}&` : '';
}

function profilesIn(
  body: JsonObject | undefined,
  response: HttpResponse,
): Result<readonly JsonObject[]> {
  if (!isSuccess(response) || (body !== undefined && hasError(body))) {
    return fail(naverFault(response));
  }
  const content = own(body ?? {}, 'content');
  if (!isList(content)) return fail(vendorFault('target_invalid_response', response));
  const items = content.filter(isObject);
  const isWhole =
    items.length === content.length && items.every((item) => ownText(item, 'profileId'));
  return isWhole ? succeed(items) : fail(vendorFault('target_invalid_response', response));
}
