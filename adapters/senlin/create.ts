import {
  bodyObject,
  type Change,
  type CreateConversation,
  type CreateDeclaration,
  type CreateOperation,
  codeOfStatus,
  decodeContent,
  type Fault,
  type FieldError,
  fail,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  jsonRequests,
  own,
  ownText,
  type StoredProfile,
  succeed,
  vendorFault,
} from '../../src/adapter-kit/index.ts';
import { senlinFault } from './errors.ts';
import { fields, profileBody, profileOf, SPEC } from './fields.ts';

/**
 * Names are not unique. A create goes on in the conductor after the API has given up on it, for as
 * long as the services behind it need (recorded: 6 s after a 500); no setting bounds that, so this
 * is a decision, and an operator may raise it.
 */
export const CREATE: CreateDeclaration = {
  repeat: 'twin',
  settleMs: 300_000,
  absence: 'not_created',
};

/** Profiles that a search of one name asks for; of so many it may miss one. */
const FOUND_MAX = 100;

/** Creates profiles below `root` of `origin`. */
export function createOperation(origin: string, root: string): CreateOperation {
  const { get, send } = jsonRequests(origin, `${root}/v1/profiles`);
  return {
    ...CREATE,
    check: checkSpec,
    *send(changes): CreateConversation {
      const profile = profileBody(changes, EMPTY);
      const response = yield send('POST', '', { profile });
      if (!isSuccess(response)) return fail(createFault(response));
      const created = profileOf(bodyObject(response));
      const shown = created && storedProfile(created);
      return succeed(shown);
    },
    traceOf: (changes) => {
      const name = changes.find(({ pointer }) => pointer === '/name')?.value;
      return typeof name === 'string' ? { name } : undefined;
    },
    *find(trace) {
      const name = ownText(trace, 'name') ?? '';
      // `created_at` never changes, and a name may be that of more profiles than one page has.
      const query = `?name=${encodeURIComponent(name)}&sort=created_at:desc&limit=${FOUND_MAX}`;
      const response = yield get(query);
      if (!isSuccess(response)) return fail(senlinFault(response));
      const listed = own(bodyObject(response) ?? {}, 'profiles');
      if (!isList(listed)) return fail(vendorFault(codeOfStatus(response.status), response));
      // Of more profiles an older one, which was not seen before, could pass for a new one.
      if (listed.length >= FOUND_MAX) return fail(tooMany(response));
      // MySQL finds names in other letter case as well.
      const named = listed.filter(isObject).filter((profile) => ownText(profile, 'name') === name);
      return succeed(named.flatMap((profile) => storedProfile(profile) ?? []));
    },
  };
}

/** A new profile has no metadata that attributes would be merged into. */
const EMPTY: StoredProfile = { upstreamId: '', content: { attributes: {} } };

function storedProfile(profile: JsonObject): StoredProfile | undefined {
  const upstreamId = ownText(profile, 'id');
  return upstreamId === undefined
    ? undefined
    : { upstreamId, content: decodeContent(fields, profile) };
}

function tooMany(response: HttpResponse): Fault {
  const fault = vendorFault('target_invalid_response', response);
  return { ...fault, detail: `The target has ${FOUND_MAX} profiles or more of the name.` };
}

/** Without a type or a version Senlin fails with a 500 (recorded, Senlin 14). */
function checkSpec(changes: readonly Change[]): readonly Omit<FieldError, 'supportedBy'>[] {
  const change = changes.find(({ pointer }) => pointer === SPEC);
  if (change === undefined) return [];
  const { value } = change;
  const detail = 'must be an object with a type, a version and properties';
  const isWhole =
    isObject(value) &&
    ownText(value, 'type') !== undefined &&
    ['string', 'number'].includes(typeof own(value, 'version')) &&
    isObject(own(value, 'properties'));
  return isWhole ? [] : [{ pointer: SPEC, code: 'constraint_violated', detail }];
}

/** With `name_unique`, off by default, a name that is taken (recorded, Senlin 14). */
const NAME_TAKEN = /^A profile named '.*' already exists\.$/s;

/** `senlinFault` of a create: it is about the values, and not about a profile. */
function createFault(response: HttpResponse): Fault {
  const fault = senlinFault(response);
  const { code, message = '' } = fault.upstream ?? {};
  if (response.status === 400 && NAME_TAKEN.test(message)) return { ...fault, code: 'conflict' };
  // A profile type that is not loaded (transcript: create with an unknown type).
  if (response.status === 404 && code === 'ResourceNotFound') {
    return { ...fault, code: 'rejected_by_target' };
  }
  // The spec is checked at the services behind before the row is written (profiles/base.py).
  const isOfSpec = code === 'InternalError' || code === 'ESchema';
  return isOfSpec ? { ...fault, effect: 'none' } : fault;
}
