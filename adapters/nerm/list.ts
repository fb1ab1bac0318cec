import * as z from 'zod/mini';
import {
  bodyObject,
  type Conversation,
  decodeContent,
  type Fault,
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
  type Result,
  type SchemaValue,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { hasError, nermFault } from './errors.ts';
import { fields } from './fields.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/**
 * Parameters of `GET /profiles` (sailpoint-oss/api-specs 81ef79d0, 2026-08-22). Items are what a
 * read shows.
 */
export const listDeclaration: ListDeclaration = {
  filters: [
    // The plain list, whose pages are counted, is the only one that looks for names.
    { name: 'name', pointer: '/name', completeness: 'shifting' },
    {
      name: 'status',
      pointer: '/status',
      values: ['active', 'inactive', 'on_leave', 'terminated'],
    },
    {
      name: 'extensions.nerm.profile_type_id',
      pointer: '/extensions/nerm/profile_type_id',
      limits: [{ kind: 'pattern', pattern: UUID, message: 'must be a UUID in lower case' }],
    },
    {
      name: 'extensions.nerm.updated_after',
      limits: [{ kind: 'pattern', pattern: DATE, message: 'must be a day such as 2026-03-01' }],
    },
    { name: 'extensions.nerm.archived', values: ['true', 'false'] },
  ],
  pageSizeMax: 500,
  completeness: 'stable',
  omitted: [],
};

const positionSchema = lazily(() =>
  z.union([
    z.object({ afterId: z.string() }),
    z.object({
      offset: z.int().check(z.minimum(1)),
      /** Id of the last profile of the page before. */
      last: z.exactOptional(z.string()),
    }),
  ]),
);
type Position = SchemaValue<typeof positionSchema>;

/**
 * Reads a page in the order of ids, or, for a name, of the plain list. A page may be short, or have
 * no item that is wanted, although others follow; the end is a 400 or an empty page (forum 87455,
 * IDMWorks, NERM pagination).
 */
export function* readPage(
  get: (path: string) => HttpRequest,
  request: ListRequest,
): Conversation<ListPage> {
  const place = positionSchema().safeParse(request.position ?? { afterId: '' });
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const at = startOf(request, place.data);
  const page = parsePage(yield get(`?${queryOf(request, at)}`));
  if (!page.ok) return page;
  const profiles = page.value;
  const last = ownText(profiles.at(-1), 'id');
  if (last === undefined) return succeed({ items: [] });
  if ('afterId' in at ? !(last > at.afterId) : last === at.last) return fail(notAhead());
  const items = profiles
    .filter((profile) => isWanted(profile, request))
    .map((profile) => ({
      upstreamId: idOf(profile),
      content: decodeContent(fields, profile),
    }));
  const next = 'afterId' in at ? { afterId: last } : { offset: at.offset + profiles.length, last };
  return succeed({ items, next });
}

/** A walk for a name is one of the plain list, which has no archived profiles. */
function startOf({ filters, position }: ListRequest, at: Position): Position {
  const isPlain = filters.has('name') && filters.get(ARCHIVED) !== 'true';
  return position === undefined && isPlain ? { offset: 0 } : at;
}

const TYPE = 'extensions.nerm.profile_type_id';
const UPDATED = 'extensions.nerm.updated_after';
const ARCHIVED = 'extensions.nerm.archived';

/**
 * With `after_id` all other filters but two are ignored, or refused (SailPoint staff, forum 93218).
 * `offset` counts records, and must not be 0 by the specification.
 */
function queryOf({ filters, limit }: ListRequest, at: Position): string {
  const query = new URLSearchParams();
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) query.set(name, value);
  };
  if ('afterId' in at) {
    add('after_id', at.afterId);
  } else {
    add('name', filters.get('name'));
    add('order', 'created_at');
    if (at.offset > 0) add('offset', String(at.offset));
  }
  add('profile_type_id', filters.get(TYPE));
  add('updated_after', filters.get(UPDATED));
  add('limit', String(limit));
  return query.toString();
}

/** Only lists by `after_id` have archived profiles, each of which says so. */
function isWanted(profile: JsonObject, { filters }: ListRequest): boolean {
  const isArchived = own(profile, 'archived') === true;
  return isArchived === (filters.get(ARCHIVED) === 'true');
}

/** Text of the 400 where nothing is listed, or nothing any more (forum 87455 and others). */
const NONE_FOUND = /^no profiles? found\W*$/i;

function parsePage(response: HttpResponse): Result<readonly JsonObject[]> {
  const body = bodyObject(response);
  if (!isSuccess(response) || hasError(body)) {
    const fault = nermFault(response);
    return NONE_FOUND.test(fault.upstream?.message ?? '') ? succeed([]) : fail(fault);
  }
  const profiles = own(body ?? {}, 'profiles');
  if (!isList(profiles)) return fail(vendorFault('target_invalid_response', response));
  const items = profiles.filter(isObject).filter((item) => UUID.test(idOf(item)));
  return items.length === profiles.length
    ? succeed(items)
    : fail(vendorFault('target_invalid_response', response));
}

/** Ids have one spelling, as in paths. */
function idOf(profile: JsonObject): string {
  return (ownText(profile, 'id') ?? '').toLowerCase();
}

/** A page that does not lead on would be read for ever. */
function notAhead(): Fault {
  const detail = 'The target answered with a page that does not follow the one before.';
  return { code: 'target_invalid_response', detail, effect: 'none' };
}
