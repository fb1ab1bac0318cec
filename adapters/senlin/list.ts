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
  type Result,
  type SchemaValue,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { senlinFault } from './errors.ts';
import { fields } from './fields.ts';

/** Items are what a read shows (Senlin ec5fae99, objects/profile.py `to_dict`). */
export const listDeclaration: ListDeclaration = {
  filters: [
    {
      name: 'name',
      pointer: '/name',
      limits: [{ kind: 'length', unit: 'code points', minimum: 1, maximum: 255 }],
    },
    { name: 'extensions.senlin.type', pointer: '/extensions/senlin/type' },
  ],
  // Each page sorts all rows of the project: 1,000 take 0.3 s of 100,000 (Senlin 14, SQLite).
  pageSizeMax: 1000,
  completeness: 'stable',
  omitted: [],
};

/** Profiles whose ids a position keeps, as markers and to recognize the begin of the list. */
const KEPT_MAX = 4;

const rowSchema = lazily(() => z.object({ at: z.string(), id: z.string() }));
const positionSchema = lazily(() =>
  z.object({
    /** Profiles listed last, the newest first: one of them is the next marker. */
    seen: z.array(rowSchema()),
    /** The profiles at the begin of the list. */
    first: z.array(z.string()),
    /** The last profiles listed before the list began again, until the walk is past them. */
    past: z.exactOptional(z.array(rowSchema())),
    /** Times that the list began again since a new profile was listed. */
    restarts: z.exactOptional(z.int()),
  }),
);
type Row = Readonly<SchemaValue<typeof rowSchema>>;
type Position = Readonly<SchemaValue<typeof positionSchema>>;

/** Most of those: a target that ignores every marker would be read for ever. */
const RESTARTS_MAX = 4;

/**
 * Reads a page in the order of creation, which no write changes. A marker that was deleted is
 * ignored, so that the list begins again (Senlin ec5fae99, db/sqlalchemy/api.py
 * `profile_get_all`): an older marker is tried then, and where none is left the walk goes on from
 * the begin and leaves out what it has listed.
 */
export function* readPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position }: ListRequest,
): Conversation<ListPage> {
  const walk = position === undefined ? undefined : positionSchema().safeParse(position);
  if (walk?.success === false) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const at = walk?.data;
  let seen = at?.seen ?? [];
  let items: readonly JsonObject[] = [];
  let response: HttpResponse;
  let isRestarted = false;
  do {
    response = yield get(`?${queryOf(limit, filters, seen[0])}`);
    const page = parsePage(response);
    if (!page.ok) return page;
    items = page.value;
    isRestarted = at !== undefined && isBegin(items, seen[0], at);
    if (isRestarted) seen = seen.slice(1);
  } while (isRestarted && seen.length > 0);

  const past = isRestarted ? (at?.past ?? at?.seen) : at?.past;
  const fresh = past === undefined ? items : newerThan(past, items);
  if (fresh === undefined) return fail(ownFault('invalid_cursor', PLACE_LOST));
  const rows = items.map(rowOf);
  const page = { items: fresh.map(profileOf) };
  if (items.length < limit) return succeed(page);
  const isPast = fresh.length > 0;
  const restarts = isPast ? 0 : (at?.restarts ?? 0) + (isRestarted ? 1 : 0);
  if (restarts > RESTARTS_MAX) return fail(vendorFault('target_invalid_response', response));
  const next: Position = {
    seen: [...rows.toReversed(), ...seen].slice(0, KEPT_MAX),
    first: at?.first ?? rows.slice(0, KEPT_MAX).map(({ id }) => id),
    ...(past === undefined || isPast ? {} : { past: [...past] }),
    ...(restarts === 0 ? {} : { restarts }),
  };
  return succeed({ ...page, next });
}

const PLACE_LOST =
  'The profiles at the place of the cursor were deleted, and others have their time of creation.';

function queryOf(
  limit: number,
  filters: ReadonlyMap<string, string>,
  marker: Row | undefined,
): string {
  const query = new URLSearchParams({ limit: String(limit) });
  const [name, type] = [filters.get('name'), filters.get('extensions.senlin.type')];
  if (name !== undefined) query.set('name', name);
  if (type !== undefined) query.set('type', type);
  if (marker !== undefined) query.set('marker', marker.id);
  return query.toString();
}

/**
 * Reports whether a page is the begin of the list although it was to follow `marker`. Times have
 * whole seconds, so at the marker's own time only known profiles prove it.
 */
function isBegin(items: readonly JsonObject[], marker: Row | undefined, walk: Position): boolean {
  const [item] = items;
  if (item === undefined || marker === undefined) return false;
  const { at, id } = rowOf(item);
  if (at !== marker.at) return at < marker.at;
  return walk.first.includes(id) || walk.seen.some((row) => row.id === id);
}

/** Leaves out what was listed; undefined where the time of creation cannot show that. */
function newerThan(
  past: readonly Row[],
  items: readonly JsonObject[],
): readonly JsonObject[] | undefined {
  const last = past[0]?.at ?? '';
  const unknown = items.map(rowOf).some(({ at, id }) => {
    return at === last && !past.some((row) => row.id === id);
  });
  return unknown ? undefined : items.filter((item) => rowOf(item).at > last);
}

function parsePage(response: HttpResponse): Result<readonly JsonObject[]> {
  if (!isSuccess(response)) return fail(senlinFault(response));
  const profiles = own(bodyObject(response) ?? {}, 'profiles');
  if (!isList(profiles)) return fail(vendorFault('target_invalid_response', response));
  const items = profiles.filter(isObject);
  const isWhole =
    items.length === profiles.length && items.every((item) => ownText(item, 'id') !== undefined);
  return isWhole ? succeed(items) : fail(vendorFault('target_invalid_response', response));
}

function rowOf(item: JsonObject): Row {
  return { at: ownText(item, 'created_at') ?? '', id: ownText(item, 'id') ?? '' };
}

function profileOf(item: JsonObject) {
  return { upstreamId: ownText(item, 'id') ?? '', content: decodeContent(fields, item) };
}
