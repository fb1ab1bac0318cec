import {
  bodyObject,
  type Change,
  type CreateConversation,
  type CreateOperation,
  decodeContent,
  fail,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  jsonRequests,
  own,
  ownText,
  type StoredProfile,
  succeed,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import type { Dialect } from './dialect.ts';
import { iamFault } from './errors.ts';
import { DOMAIN_ID, projectOf } from './fields.ts';

/** Creates projects below `root` of `origin`. */
export function createOperation(
  origin: string,
  root: string,
  { checkNew, contentType, create, fields, isReadAfterCreate }: Dialect,
): CreateOperation {
  const { get, send } = jsonRequests(origin, `${root}/v3/projects`, contentType);
  const storedProject = (project: JsonObject): StoredProfile | undefined => {
    const upstreamId = ownText(project, 'id');
    return upstreamId === undefined
      ? undefined
      : { upstreamId, content: decodeContent(fields, project) };
  };
  return {
    ...create,
    check: checkNew,
    isReadAfter: isReadAfterCreate,
    *send(changes): CreateConversation {
      const response = yield send('POST', '', { project: wireMembers(changes) });
      if (!isSuccess(response)) return fail(iamFault(response));
      const project = projectOf(bodyObject(response));
      if (project !== undefined) return succeed(storedProject(project));
      return response.body.trim() === '' ? succeed(undefined) : fail(iamFault(response));
    },
    traceOf,
    *find(trace) {
      const name = ownText(trace, 'name') ?? '';
      const domain = ownText(trace, 'domain_id');
      const within = domain === undefined ? '' : `&domain_id=${encodeURIComponent(domain)}`;
      const response = yield get(`?name=${encodeURIComponent(name)}${within}`);
      const listed = own(bodyObject(response) ?? {}, 'projects');
      if (!isSuccess(response) || !isList(listed)) return fail(iamFault(response));
      // Keystone ignores a filter that it does not know, and MySQL ignores letter case.
      const named = listed.filter(isObject).filter((project) => ownText(project, 'name') === name);
      return succeed(named.flatMap((project) => storedProject(project) ?? []));
    },
  };
}

function traceOf(changes: readonly Change[]): JsonObject | undefined {
  const valueAtPointer = (pointer: string) =>
    changes.find((change) => change.pointer === pointer)?.value;
  const [name, domain] = [valueAtPointer('/name'), valueAtPointer(DOMAIN_ID)];
  if (typeof name !== 'string') return undefined;
  return typeof domain === 'string' ? { name, domain_id: domain } : { name };
}
