import * as z from 'zod/mini';
import {
  type Conversation,
  decodeContent,
  type Field,
  fail,
  type HttpRequest,
  type ListDeclaration,
  type ListPage,
  type ListRequest,
  lazily,
  ownFault,
  ownText,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { listFilters, projectsOf } from './list.ts';

/** Projects at the end of a page whose ids the position keeps. */
const KEPT_MAX = 4;

/**
 * Pages have numbers, of at most 5,000 projects (IAM API reference of 2026-01, Querying Project
 * Information Based on the Specified Criteria). 1,000 are far below the bound of a response.
 */
export const otcList: ListDeclaration = {
  filters: listFilters,
  pageSizeMax: 1000,
  completeness: 'shifting',
  // Its `links` are not those of a read.
  omitted: ['/extensions/iam/links'],
};

/** Only `/v3-ext` has the status, one project at a time, and no `links`. */
export const otcStatusList: ListDeclaration = { ...otcList, omitted: ['/status'] };

const positionSchema = lazily(() =>
  z.object({
    page: z.int(),
    /** The projects listed last, which others created meanwhile may have moved on. */
    last: z.array(z.string()),
    /** Pages in a row that were the one before once more. */
    same: z.exactOptional(z.int()),
  }),
);

/**
 * Most pages in a row that may be the one before: new projects move others on, but a target that
 * ignores the number of a page would be read for ever.
 */
const SAME_MAX = 4;

/** Reads the page of a number; it ends with a page that is not full. */
export function* readOtcPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position = { page: 1, last: [] } }: ListRequest,
  fields: readonly Field[],
): Conversation<ListPage> {
  const place = positionSchema().safeParse(position);
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const { last, page, same = 0 } = place.data;
  const query = new URLSearchParams({ page: String(page), per_page: String(limit) });
  for (const [name, value] of filters) query.set(name.replace('extensions.iam.', ''), value);
  const response = yield get(`/v3/projects?${query}`);
  const projects = projectsOf(response);
  if (!projects.ok) return projects;
  const ids = projects.value.map((project) => ownText(project, 'id') ?? '');
  const ends = ids.slice(-KEPT_MAX);
  const isSame = ends.length > 0 && ends.join() === last.join();
  if (isSame && same >= SAME_MAX) return fail(vendorFault('target_invalid_response', response));
  const known = new Set(isSame ? ids : last);
  const shown = fields.filter(({ wireName }) => wireName !== 'links');
  const items = projects.value.flatMap((project, i) => {
    const upstreamId = ids[i] ?? '';
    if (known.has(upstreamId)) return [];
    known.add(upstreamId);
    return [{ upstreamId, content: decodeContent(shown, project) }];
  });
  if (ids.length < limit) return succeed({ items });
  const next = { page: page + 1, last: ends };
  return succeed({ items, next: isSame ? { ...next, same: same + 1 } : next });
}
