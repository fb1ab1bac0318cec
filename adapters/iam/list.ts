import {
  bodyObject,
  fail,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  type ListFilter,
  own,
  ownText,
  type Result,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { iamFault } from './errors.ts';

/** Filters of both dialects. */
export const listFilters: readonly ListFilter[] = [
  {
    name: 'name',
    pointer: '/name',
    limits: [{ kind: 'length', unit: 'code points', minimum: 1, maximum: 64 }],
  },
  ...['parent_id', 'domain_id'].map((member) => ({
    name: `extensions.iam.${member}`,
    pointer: `/extensions/iam/${member}`,
    limits: [
      { kind: 'pattern', pattern: /^(?:[0-9a-f-]{32,36}|default)$/, message: 'must be an id' },
    ] as const,
  })),
];

/** The projects of a list, each of which has an id. */
export function projectsOf(response: HttpResponse): Result<readonly JsonObject[]> {
  if (!isSuccess(response)) return fail(iamFault(response));
  const projects = own(bodyObject(response) ?? {}, 'projects');
  if (!isList(projects)) return fail(vendorFault('target_invalid_response', response));
  const items = projects.filter(isObject);
  const isWhole =
    items.length === projects.length && items.every((item) => ownText(item, 'id') !== undefined);
  return isWhole ? succeed(items) : fail(vendorFault('target_invalid_response', response));
}
