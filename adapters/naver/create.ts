import {
  bodyObject,
  type CreateConversation,
  type CreateDeclaration,
  type CreateOperation,
  decodeContent,
  type Fault,
  fail,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  jsonRequests,
  own,
  ownFault,
  ownText,
  parsePlain,
  type StoredProfile,
  succeed,
  vendorFault,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import { hasError, naverFault } from './errors.ts';
import { fields } from './fields.ts';

/**
 * No page says whether names are unique, nor how soon a list shows a new profile
 * (management-subaccount-createprofiles, -getprofilelist; 2026-09): a repeat may make a twin, and
 * a search that finds nothing proves nothing.
 */
export const CREATE: CreateDeclaration = { repeat: 'twin', settleMs: 60_000, absence: 'unknown' };

/** Names whose spelling in a query is the same for every client that signs it. */
const SEARCHABLE = /^[A-Za-z][A-Za-z0-9._-]{2,29}$/;

/** The largest page is not documented; the default is 20. */
const PAGE_SIZE = 100;

/** Pages that a search looks at: fewer than a conversation may have requests. */
const PAGES_MAX = 7;

/** Creates profiles below `root` of `origin`. */
export function createOperation(origin: string, root: string): CreateOperation {
  const { get, send } = jsonRequests(origin, `${root}/api/v1/profiles`);
  return {
    ...CREATE,
    *send(changes): CreateConversation {
      const response = yield send('POST', '', wireMembers(changes));
      if (!isSuccess(response)) return fail(naverFault(response));
      const body = bodyObject(response, parsePlain);
      if (body !== undefined) {
        return hasError(body) ? fail(naverFault(response)) : succeed(storedProfile(body));
      }
      return response.body.trim() === ''
        ? succeed(undefined)
        : fail(vendorFault('target_invalid_response', response));
    },
    traceOf: (changes) => {
      const name = changes.find(({ pointer }) => pointer === '/name')?.value;
      return typeof name === 'string' && SEARCHABLE.test(name) ? { name } : undefined;
    },
    *find(trace) {
      const name = ownText(trace, 'name') ?? '';
      const found = new Map<string, StoredProfile>();
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const word = encodeURIComponent(name);
        const response = yield get(
          `?searchColumn=name&searchWord=${word}&page=${page}&size=${PAGE_SIZE}`,
        );
        const body = bodyObject(response, parsePlain);
        const content = own(body ?? {}, 'content');
        if (!isSuccess(response) || body === undefined || !isList(content)) {
          return fail(naverFault(response));
        }
        for (const profile of content.filter(isObject)) {
          const stored = ownText(profile, 'name') === name ? storedProfile(profile) : undefined;
          if (stored !== undefined) found.set(stored.upstreamId, stored);
        }
        // Pages may be smaller than they were asked for.
        const answered = own(body, 'pageSize');
        const pageSize = typeof answered === 'number' ? answered : PAGE_SIZE;
        if (content.length === 0 || content.length < pageSize) return succeed([...found.values()]);
      }
      return fail(tooMany());
    },
  };
}

function tooMany(): Fault {
  const detail = `More than ${PAGES_MAX} pages of profiles have the name as a part of theirs.`;
  return ownFault('target_invalid_response', detail);
}

function storedProfile(profile: JsonObject): StoredProfile | undefined {
  const upstreamId = ownText(profile, 'profileId');
  return upstreamId === undefined
    ? undefined
    : { upstreamId, content: decodeContent(fields, profile) };
}
