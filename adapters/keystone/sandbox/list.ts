import { isList, type Json, type JsonObject, own, ownText } from '../../../src/adapter-kit/json.ts';
import { KeystoneFault } from './wire.ts';

/** Form of the lists of projects, which depends on the version of Keystone. */
export type Listing = {
  /**
   * `none` up to 2024.2: `limit` and `marker` are ignored. `marker` from 2025.1 (commit 37b02476),
   * where an operator's `max_db_limit` is 1,000 by default.
   */
  readonly paging: 'none' | 'marker';
  /** The operator's `list_limit`, at which a list without pages is cut. */
  readonly listLimit?: number | undefined;
};

const PAGE_MAX = 1000;

/** A page of projects, as `GET /v3/projects` shows it beside the links. */
export type ListedPage = {
  readonly projects: readonly JsonObject[];
  readonly truncated: boolean;
  /** The marker of the next page. */
  readonly next: string | undefined;
};

/**
 * `GET /v3/projects`: unknown keys of the query are ignored (records of Keystone 22). From 2025.1
 * on, `tags` are looked at after the page is cut, so that it may be short or empty.
 */
export function listProjects(
  query: URLSearchParams,
  all: readonly JsonObject[],
  { listLimit, paging }: Listing,
): ListedPage {
  const found = all.filter((project) => matches(project, query));
  const hasTags = (project: JsonObject) => carriesTags(project, query.get('tags'));
  if (paging === 'none') {
    // Those of a domain come as its index of names has them (record of Keystone 22 on SQLite).
    const projects = (query.has('domain_id') ? found.toSorted(byName) : found).filter(hasTags);
    const truncated = listLimit !== undefined && projects.length > listLimit;
    return { projects: projects.slice(0, listLimit), truncated, next: undefined };
  }
  const sorted = found.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const marker = query.get('marker');
  if (marker !== null && !all.some((project) => idOf(project) === marker)) {
    throw new KeystoneFault(404, `Marker ${marker} could not be found.`);
  }
  const limit = Math.min(Number(query.get('limit') ?? PAGE_MAX), PAGE_MAX);
  const rest = marker === null ? sorted : sorted.filter((project) => idOf(project) > marker);
  const cut = rest.slice(0, limit);
  const projects = cut.filter(hasTags);
  // Without `limit` nothing shows the cut, and a page that is empty has no next one.
  const truncated = query.has('limit') && cut.length === limit && projects.length > 0;
  return { projects, truncated, next: truncated ? idOf(projects.at(-1)) : undefined };
}

function matches(project: JsonObject, query: URLSearchParams): boolean {
  if (own(project, 'is_domain') === true) return false;
  for (const key of ['domain_id', 'name', 'parent_id']) {
    const wanted = query.get(key);
    if (wanted !== null && own(project, key) !== wanted) return false;
  }
  const prefix = query.get('name__startswith');
  if (prefix !== null && ownText(project, 'name')?.startsWith(prefix) !== true) return false;
  const enabled = query.get('enabled');
  if (enabled === null) return true;
  return own(project, 'enabled') === !/^(?:0|false)$/i.test(enabled);
}

function carriesTags(project: JsonObject, wanted: string | null): boolean {
  if (wanted === null) return true;
  const tags: Json | undefined = own(project, 'tags');
  return isList(tags) && wanted.split(',').every((tag) => tags.includes(tag));
}

function byName(a: JsonObject, b: JsonObject): number {
  return (ownText(a, 'name') ?? '') < (ownText(b, 'name') ?? '') ? -1 : 1;
}

function idOf(project: JsonObject | undefined): string {
  return ownText(project, 'id') ?? '';
}
