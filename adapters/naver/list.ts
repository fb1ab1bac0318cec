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
  listByNumber,
  own,
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

/**
 * Reads the page of a number. The end is an empty page, or one shorter than the size that the
 * answer itself states: `totalElements` may count the page alone.
 */
export function readPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position }: ListRequest,
): Conversation<ListPage> {
  return listByNumber(position, 0, function* (page) {
    const response = yield get(`?${searchOf(filters)}page=${page}&size=${limit}`);
    const body = bodyObject(response, parsePlain);
    const found = profilesIn(body, response);
    if (!found.ok) return found;
    const profiles = found.value.map((profile) => ({
      upstreamId: ownText(profile, 'profileId') ?? '',
      content: decodeContent(fields, profile),
    }));
    const answered = own(body ?? {}, 'pageSize');
    const size = typeof answered === 'number' ? answered : limit;
    const isLast = profiles.length === 0 || profiles.length < size;
    return succeed({ response, profiles, isLast });
  });
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
