import {
  type Conversation,
  decodeContent,
  type Field,
  type HttpRequest,
  type ListDeclaration,
  type ListPage,
  type ListRequest,
  listByNumber,
  ownText,
  succeed,
} from '../../src/adapter-kit/index.ts';
import { listFilters, projectsOf } from './list.ts';

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

/** Reads the page of a number; it ends with a page that is not full. */
export function readOtcPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position }: ListRequest,
  fields: readonly Field[],
): Conversation<ListPage> {
  const shown = fields.filter(({ wireName }) => wireName !== 'links');
  return listByNumber(position, 1, function* (page) {
    const query = new URLSearchParams({ page: String(page), per_page: String(limit) });
    for (const [name, value] of filters) query.set(name.replace('extensions.iam.', ''), value);
    const response = yield get(`/v3/projects?${query}`);
    const projects = projectsOf(response);
    if (!projects.ok) return projects;
    const profiles = projects.value.map((project) => ({
      upstreamId: ownText(project, 'id') ?? '',
      content: decodeContent(shown, project),
    }));
    return succeed({ response, profiles, isLast: profiles.length < limit });
  });
}
