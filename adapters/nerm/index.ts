import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Change,
  type Connection,
  type Conversation,
  confirmationOf,
  decodeContent,
  defineAdapter,
  fail,
  type HttpResponse,
  isEmptySuccess,
  isSuccess,
  type Json,
  type JsonObject,
  jsonRequests,
  lazily,
  ownObject,
  ownText,
  type RemoveConversation,
  type Result,
  type SchemaValue,
  type StoredProfile,
  segment,
  splitBaseUrl,
  succeed,
  vendorFault,
  type WriteConversation,
  type Written,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import { authorizationOf, credential, originsOf, secretsOf } from './auth.ts';
import { CREATE, createOperation } from './create.ts';
import { hasError, nermFault, plainText, refusedWrite } from './errors.ts';
import { fields, isLowerCaseUuid } from './fields.ts';
import { listDeclaration, readPage } from './list.ts';

const settings = lazily(() =>
  z.strictObject({
    /** The whole address up to `/api`: tenants live under several host names. */
    baseUrl: baseUrlSchema(),
    auth: credential(),
  }),
);

/** The server gives up after 90 s (IDMWorks, NERM pagination); SailPoint publishes no number. */
const SETTLE_MS = 90_000;

/** The answer to a PATCH without effect since 2025-05-05; its form is not documented. */
const NO_CHANGE = /^(?:200\W+)?no changes?\W*$/i;

/** A read finds neither a deleted nor an archived profile (api-specs 81ef79d0; forum 87455). */
const removeDeclaration = { absence: 'deleted_or_hidden' } as const;

function connect({ baseUrl, auth }: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(baseUrl);
  const { get, send } = jsonRequests(origin, `${prefix}/profiles`);
  const pathOf = (id: string): string => `/${segment(id)}`;

  return {
    fields,
    account: origin + prefix,
    origins: [origin, ...originsOf(auth)],
    secrets: secretsOf(auth),
    authorization: authorizationOf(auth),
    // Capitals might name the same profile; one spelling means one lock.
    validateId: (id) => (isLowerCaseUuid(id) ? undefined : 'a full UUID in lower case'),
    // A reference reads back as a name: only a read before the write shows which are new.
    requiresRead: (changes) =>
      changes.some(({ field, value }) => confirmationOf(field, value) === 'present'),
    create: createOperation(origin, prefix),
    classifyFailure: nermFault,
    list: { ...listDeclaration, page: (request) => readPage(get, request) },
    remove: {
      ...removeDeclaration,
      *send(id): RemoveConversation {
        const response = yield send('DELETE', pathOf(id));
        return isEmptySuccess(response) ? succeed(undefined) : fail(nermFault(response));
      },
    },
    *read(id): Conversation<StoredProfile> {
      const response = yield get(pathOf(id));
      const body = bodyObject(response);
      const profile = ownObject(body, 'profile');
      if (!isSuccess(response) || hasError(body)) return fail(nermFault(response));
      return profile === undefined
        ? fail(vendorFault('target_invalid_response', response))
        : storedProfile(id, profile, response);
    },
    *write(id, changes): WriteConversation {
      // Only what changes is sent: attributes merge by uid (SailPoint's own clients rely on it).
      const request = send('PATCH', pathOf(id), { profile: wireMembers(changes) });
      const pointers = changes.map((change) => change.pointer);
      const response = yield { name: 'profile', pointers, request };
      const written = writtenProfile(id, response, changes);
      if (!written.ok || written.value.profile !== undefined || !archives(changes)) return written;
      // An archived profile cannot be read: what the answer leaves out stays unknown.
      return succeed({ ...written.value, profile: { upstreamId: id, content: {} } });
    },
  };
}

/**
 * Parses the answer to a PATCH. After "No Change", after a success without a profile, and after one
 * that shows less than a read does, a read must follow.
 */
function writtenProfile(
  id: string,
  response: HttpResponse,
  changes: readonly Change[],
): Result<Written> {
  if (!isSuccess(response)) return fail(refusedWrite(response, changes));
  const body = bodyObject(response);
  const isNoop = reportsNoChange(response, body);
  if (hasError(body) && !isNoop) return fail(refusedWrite(response, changes));
  const profile = ownObject(body, 'profile');
  if (profile !== undefined) {
    const stored = storedProfile(id, profile, response);
    if (!stored.ok) return stored;
    const isWhole = ownObject(profile, 'attributes') !== undefined || archives(changes);
    return succeed(writtenAs(isWhole ? stored.value : undefined, isNoop));
  }
  const isReadable = body !== undefined || response.body.trim() === '' || isNoop;
  return isReadable
    ? succeed(writtenAs(undefined, isNoop))
    : fail(vendorFault('target_invalid_response', response));
}

function writtenAs(profile: StoredProfile | undefined, isNoop: boolean): Written {
  return isNoop ? { profile, noop: true } : { profile };
}

/** Reports whether a success is that of a PATCH without effect: one text, or a member. */
function reportsNoChange(response: HttpResponse, body: JsonObject | undefined): boolean {
  if (body === undefined) return isNoChange(plainText(response));
  for (const name of Object.keys(body)) {
    if (isNoChange(body[name])) return true;
  }
  return false;
}

function isNoChange(text: Json | undefined): boolean {
  return typeof text === 'string' && NO_CHANGE.test(text.trim());
}

function archives(changes: readonly Change[]): boolean {
  return changes.some(({ field, wire }) => field.wireName === 'archived' && wire === true);
}

/** Parses a profile. Only its id is required; another profile's id is an invalid answer. */
function storedProfile(
  id: string,
  profile: JsonObject,
  response: HttpResponse,
): Result<StoredProfile> {
  return ownText(profile, 'id')?.toLowerCase() === id
    ? succeed({ upstreamId: id, content: decodeContent(fields, profile) })
    : fail(vendorFault('target_invalid_response', response));
}

export default defineAdapter({
  vendor: 'nerm',
  title: 'SailPoint NERM',
  docs: 'https://developer.sailpoint.com/docs/api/nerm/v1',
  settings,
  fieldSets: [
    {
      title: 'nerm',
      fields,
      operations: { list: listDeclaration, create: CREATE, delete: removeDeclaration },
    },
  ],
  settleMs: SETTLE_MS,
  connect,
});
