import {
  bodyObject,
  type Change,
  type CreateConversation,
  type CreateDeclaration,
  type CreateOperation,
  decodeContent,
  fail,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  jsonRequests,
  own,
  ownObject,
  ownText,
  type StoredProfile,
  succeed,
  vendorFault,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import { hasError, nermFault, refusedCreate, reportsNoProfiles } from './errors.ts';
import { fields, isLowerCaseUuid, PROFILE_TYPE } from './fields.ts';

/**
 * Names are not unique, and protection against duplicates is a setting of the profile type
 * (sailpoint-oss/api-specs 81ef79d0, GET/ProfileType). The server gives up after 90 s (IDMWorks).
 * A type may compute the name, and no page says how soon a list shows a new profile.
 */
export const CREATE: CreateDeclaration = { repeat: 'twin', settleMs: 90_000, absence: 'unknown' };

/** Most profiles of one page (SailPoint, NERM API documentation). */
const FOUND_MAX = 500;

/** Creates profiles below `prefix` of `origin`. */
export function createOperation(origin: string, prefix: string): CreateOperation {
  const { get, send } = jsonRequests(origin, prefix);
  return {
    ...CREATE,
    *send(changes): CreateConversation {
      // "" clears an attribute, and a new profile has none.
      const given = changes.filter(({ value }) => value !== null);
      const response = yield send('POST', '/profile', { profile: wireMembers(given) });
      const body = bodyObject(response);
      if (!isSuccess(response) || hasError(body)) return fail(refusedCreate(response, changes));
      const profile = ownObject(body, 'profile');
      if (profile !== undefined) return succeed(storedProfile(profile));
      const isReadable = body !== undefined || response.body.trim() === '';
      return isReadable
        ? succeed(undefined)
        : fail(vendorFault('target_invalid_response', response));
    },
    traceOf,
    *find(trace) {
      const name = ownText(trace, 'name') ?? '';
      const type = ownText(trace, 'profile_type_id') ?? '';
      const query =
        `?name=${encodeURIComponent(name)}` +
        `&profile_type_id=${encodeURIComponent(type)}&limit=${FOUND_MAX}`;
      const response = yield get(`/profiles${query}`);
      if (reportsNoProfiles(response)) return succeed([]);
      const body = bodyObject(response);
      if (!isSuccess(response) || hasError(body)) return fail(nermFault(response));
      const listed = own(body ?? {}, 'profiles');
      if (!isList(listed)) return fail(vendorFault('target_invalid_response', response));
      if (listed.length >= FOUND_MAX) return fail(tooMany(response));
      // "Basic match" may find parts of names, and other letter case.
      const named = listed.filter(isObject).filter((profile) => ownText(profile, 'name') === name);
      return succeed(named.flatMap((profile) => storedProfile(profile) ?? []));
    },
  };
}

/** An archived profile is in no list but that of all profiles. */
function traceOf(changes: readonly Change[]): JsonObject | undefined {
  const valueAtPointer = (pointer: string) =>
    changes.find((change) => change.pointer === pointer)?.value;
  const [name, type] = [valueAtPointer('/name'), valueAtPointer(PROFILE_TYPE)];
  if (valueAtPointer('/extensions/nerm/archived') === true) return undefined;
  return typeof name === 'string' && typeof type === 'string'
    ? { name, profile_type_id: type }
    : undefined;
}

/** Parses a profile; undefined where its id is none. */
function storedProfile(profile: JsonObject): StoredProfile | undefined {
  const upstreamId = ownText(profile, 'id')?.toLowerCase();
  return upstreamId === undefined || !isLowerCaseUuid(upstreamId)
    ? undefined
    : { upstreamId, content: decodeContent(fields, profile) };
}

function tooMany(response: HttpResponse) {
  const fault = vendorFault('target_invalid_response', response);
  return { ...fault, detail: `The target has ${FOUND_MAX} profiles or more of the name.` };
}
