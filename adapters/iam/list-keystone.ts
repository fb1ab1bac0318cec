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
  ownObject,
  ownText,
  type Result,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { iamFault } from './errors.ts';
import { keystoneFields } from './fields.ts';
import { listFilters, projectsOf } from './list.ts';

const TAG_LIST = {
  kind: 'pattern',
  pattern: /^[^,]+(?:,[^,]+)*$/,
  message: 'must be tags',
} as const;

/** Items are what a read shows, keys beside the columns included (Keystone 22.0.2). */
export const keystoneList: ListDeclaration = {
  filters: [
    ...listFilters,
    { name: 'status', pointer: '/status', values: ['active', 'inactive'] },
    { name: 'extensions.iam.tags', limits: [TAG_LIST] },
  ],
  // The default of `max_db_limit` (Keystone 2025.1).
  pageSizeMax: 1000,
  // Before 2025.1 there are no pages: `limit` and `marker` are ignored (Keystone 22.0.2).
  ignoresLimit: true,
  completeness: 'stable',
  omitted: [],
};

/** Projects listed last whose ids a position keeps: one of them is the next marker. */
const KEPT_MAX = 4;

const positionSchema = lazily(() =>
  z.object({
    seen: z.array(z.string()),
    /** The greatest id that was listed. */
    after: z.string(),
    /** Id of the domain of the credential. */
    domain: z.optional(z.string()),
  }),
);

/**
 * Reads a page in the order of ids. Of a marker that was deleted, Keystone 2025.1 says 404: an
 * older one is tried then, and from the begin of the list where none is left. A full page has
 * `links.next`; where that is null although `truncated` is true, an operator's limit cut the list.
 */
export function* readKeystonePage(
  get: (path: string) => HttpRequest,
  { filters, limit, position }: ListRequest,
  domainName: string | undefined,
): Conversation<ListPage> {
  const place = positionSchema().safeParse(position ?? { seen: [], after: '' });
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  let { domain, seen } = place.data;
  const { after } = place.data;
  if (position === undefined && domainName !== undefined && !filters.has(DOMAIN)) {
    const found = domainOf(domainName, yield get('/v3/auth/domains'));
    if (!found.ok) return found;
    domain = found.value;
  }
  let response = yield get(pathOf(limit, filters, domain, seen[0]));
  while (seen.length > 0 && isMarkerGone(response)) {
    seen = seen.slice(1);
    response = yield get(pathOf(limit, filters, domain, seen[0]));
  }
  const projects = projectsOf(response);
  if (!projects.ok) return projects;
  const tags = filters.get(TAGS)?.split(',') ?? [];
  const items = projects.value
    .filter((project) => hasTags(project, tags) && (ownText(project, 'id') ?? '') > after)
    .map((project) => ({
      upstreamId: ownText(project, 'id') ?? '',
      content: decodeContent(keystoneFields, project),
    }));
  const ids = projects.value.map((project) => ownText(project, 'id') ?? '');
  const [marker] = seen;
  // A page that has its own marker does not lead on, and would be read for ever.
  const leadsOn = marker === undefined || !ids.includes(marker);
  if (!leadsOn) return fail(vendorFault('target_invalid_response', response));
  const body = bodyObject(response) ?? {};
  const hasNext = ownText(ownObject(body, 'links'), 'next') !== undefined && ids.length > 0;
  if (!hasNext)
    return succeed(own(body, 'truncated') === true ? { items, isTruncated } : { items });
  const greatest = [after, ...ids].toSorted().at(-1) ?? after;
  const next = { seen: [...ids.toReversed(), ...seen].slice(0, KEPT_MAX), after: greatest };
  return succeed({ items, next: domain === undefined ? next : { ...next, domain } });
}

const DOMAIN = 'extensions.iam.domain_id';
const TAGS = 'extensions.iam.tags';
const isTruncated = true;

/**
 * A domain is named always: Keystone 2025.1 applies that of the token after it has cut the page,
 * and so it does with tags, which are therefore not sent.
 */
function pathOf(
  limit: number,
  filters: ReadonlyMap<string, string>,
  domain: string | undefined,
  marker: string | undefined,
): string {
  const query = new URLSearchParams();
  if (domain !== undefined) query.set('domain_id', domain);
  for (const [name, value] of filters) {
    if (name === 'status') query.set('enabled', String(value === 'active'));
    else if (name !== TAGS) query.set(name.replace('extensions.iam.', ''), value);
  }
  query.set('limit', String(limit));
  if (marker !== undefined) query.set('marker', marker);
  return `/v3/projects?${query}`;
}

/** Finds the id of the domain that a credential is scoped to. */
function domainOf(name: string, response: HttpResponse): Result<string | undefined> {
  if (!isSuccess(response)) return fail(iamFault(response));
  const domains = own(bodyObject(response) ?? {}, 'domains');
  const found = isList(domains) ? domains.find((domain) => ownText(domain, 'name') === name) : null;
  return succeed(isObject(found) ? ownText(found, 'id') : undefined);
}

function isMarkerGone(response: HttpResponse): boolean {
  return response.status === 404 && /^Marker /.test(iamFault(response).upstream?.message ?? '');
}

function hasTags(project: JsonObject, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true;
  const tags = own(project, 'tags');
  return isList(tags) && wanted.every((tag) => tags.includes(tag));
}
