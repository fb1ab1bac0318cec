import type { JsonObject } from '../../../src/adapter-kit/json.ts';

const PER_PAGE_MAX = 5000;
/** Without `page` and `per_page` a list has no documented end; here it has this many. */
const PER_PAGE_DEFAULT = 5000;

/** Returns a page by its number; undefined where the query asks for none that there can be. */
export function listedPage(query: URLSearchParams, all: readonly JsonObject[]) {
  const [page, perPage] = [query.get('page'), query.get('per_page')];
  if ((page === null) !== (perPage === null)) return undefined;
  const [number, size] = [Number(page ?? 1), Number(perPage ?? PER_PAGE_DEFAULT)];
  if (!Number.isInteger(number) || number < 1) return undefined;
  if (!Number.isInteger(size) || size < 1 || size > PER_PAGE_MAX) return undefined;
  const isDomain = query.get('is_domain') === 'true';
  const found = all.filter(
    (project) =>
      (project.is_domain === true) === isDomain &&
      ['name', 'parent_id', 'domain_id'].every((key) => {
        const wanted = query.get(key);
        return wanted === null || project[key] === wanted;
      }),
  );
  const start = (number - 1) * size;
  return {
    number,
    projects: found.slice(start, start + size),
    hasNext: found.length > start + size,
  };
}
