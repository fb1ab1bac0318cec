import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Change,
  type Connection,
  type Conversation,
  decodeContent,
  defineAdapter,
  type Fault,
  fail,
  type HttpResponse,
  headerValueSchema,
  isSuccess,
  type JsonObject,
  jsonRequests,
  lazily,
  listLength,
  ownText,
  parsePlain,
  type RemoveConversation,
  type Result,
  type SchemaValue,
  type StoredProfile,
  segment,
  splitBaseUrl,
  succeed,
  vendorFault,
  type WriteConversation,
  type WriteStep,
  type Written,
} from '../../src/adapter-kit/index.ts';
import { CREATE, createOperation } from './create.ts';
import { hasError, naverFault } from './errors.ts';
import {
  durationOf,
  editBody,
  fields,
  needsDuration,
  STATUS_STEP,
  splitChanges,
} from './fields.ts';
import { listDeclaration, readPage } from './list.ts';
import { signRequest } from './sign.ts';

const settings = lazily(() =>
  z.strictObject({
    baseUrl: baseUrlSchema(),
    auth: z.strictObject({
      accessKey: headerValueSchema(),
      secretKey: z.string().check(z.minLength(1)),
    }),
  }),
);

/** The pages mask the middle of every id; its ends and NRNs show the form of a UUID. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The gateway's own timeout is not documented; clients of the platform wait 20 to 30 seconds. */
const SETTLE_MS = 30_000;

/** An edit without a duration may reset it to the default, so without a known one none is sent. */
const DURATION_UNKNOWN: Fault = {
  code: 'target_invalid_response',
  detail: 'The target does not return durationSeconds, which an edit that omits it may reset.',
  effect: 'none',
};

/** There is neither an archive nor a restore (management-subaccount-deleteprofiles, 2026-09-17). */
const removeDeclaration = { absence: 'deleted' } as const;

function connect({ baseUrl, auth }: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(baseUrl);
  const root = prefix.replace(/\/api\/v1$/, '');
  const { get, send } = jsonRequests(origin, `${root}/api/v1/profiles`);
  const pathOf = (id: string): string => `/${segment(id)}`;

  return {
    fields,
    account: origin + root,
    origins: [origin],
    secrets: [
      { name: 'auth.secretKey', value: auth.secretKey },
      { name: 'auth.accessKey', value: auth.accessKey },
    ],
    authorization: {
      kind: 'signature',
      volatileHeaders: ['x-ncp-apigw-timestamp', 'x-ncp-apigw-signature-v2'],
      sign: (request, ports) => signRequest(request, auth, ports),
    },
    // Capitals might name the same profile; one spelling means one lock.
    validateId: (id) => (UUID.test(id) ? undefined : 'a full UUID in lower case'),
    requiresRead: (changes) => needsDuration(splitChanges(changes).edits) || mapsRoles(changes),
    create: createOperation(origin, root),
    classifyFailure: naverFault,
    list: { ...listDeclaration, page: (request) => readPage(get, request) },
    remove: {
      ...removeDeclaration,
      *send(id): RemoveConversation {
        const response = yield send('DELETE', pathOf(id));
        const parsed = parseWritten(id, response);
        return parsed.ok ? succeed(undefined) : parsed;
      },
    },
    *read(id): Conversation<StoredProfile> {
      const response = yield get(pathOf(id));
      return parseAnswer(id, response, profileIn(response));
    },
    *write(id, changes, before): WriteConversation {
      const { edits, switched } = splitChanges(changes);
      if (needsDuration(edits) && durationOf(before) === undefined) return fail(DURATION_UNKNOWN);
      const steps: WriteStep[] = [];
      const parseProfile = (response: HttpResponse) => profileShown(id, response);
      if (edits.length > 0) {
        const request = send('PATCH', pathOf(id), editBody(edits, before));
        const pointers = edits.map(({ pointer }) => pointer);
        steps.push({ name: 'profile', pointers, request, parseProfile });
      }
      if (switched !== undefined) {
        const enable = switched.wire === true;
        const request = send('POST', `${pathOf(id)}/${enable ? 'enable' : 'disable'}`);
        const pointers = [switched.pointer];
        const step = { name: STATUS_STEP, pointers, request, parseProfile };
        // No key is issued for a profile that is half old, half new.
        if (enable) steps.push(step);
        else steps.unshift(step);
      }
      // In order up to the first that fails, also by an error inside a 2xx.
      let written: Result<Written> = succeed({ profile: undefined });
      for (const step of steps) {
        written = parseWritten(id, yield step);
        if (!written.ok) return written;
      }
      return written;
    },
  };
}

/**
 * Reports whether roles are mapped. They read back in another form, so only a read before the write
 * shows which are new.
 */
function mapsRoles(changes: readonly Change[]): boolean {
  return changes.some(
    ({ field, wire }) => field.confirmation === 'count' && listLength(wire) !== 0,
  );
}

function profileShown(id: string, response: HttpResponse): StoredProfile | undefined {
  const parsed = parseAnswer(id, response, profileIn(response));
  return parsed.ok ? parsed.value : undefined;
}

/**
 * Parses the answer to a write. The platform sometimes answers 2xx without a body; a read then
 * shows the profile.
 */
function parseWritten(id: string, response: HttpResponse): Result<Written> {
  if (!isSuccess(response)) return fail(naverFault(response));
  const body = profileIn(response);
  if (body !== undefined && hasError(body)) return fail(naverFault(response));
  if (body === undefined && response.body.trim() === '') return succeed({ profile: undefined });
  const parsed = parseAnswer(id, response, body);
  return parsed.ok ? succeed({ profile: parsed.value }) : parsed;
}

/** Parses without number texts: the only number of a profile is an integer. */
function profileIn(response: HttpResponse): JsonObject | undefined {
  return bodyObject(response, parsePlain);
}

function parseAnswer(
  id: string,
  response: HttpResponse,
  profile: JsonObject | undefined,
): Result<StoredProfile> {
  if (!isSuccess(response)) return fail(naverFault(response));
  const upstreamId = ownText(profile, 'profileId');
  if (profile === undefined || upstreamId === undefined) return fail(naverFault(response));
  if (upstreamId !== id) return fail(vendorFault('target_invalid_response', response));
  return succeed({ upstreamId, content: decodeContent(fields, profile) });
}

export default defineAdapter({
  vendor: 'naver',
  title: 'NAVER Cloud External Access',
  docs: 'https://api.ncloud-docs.com/docs/en/management-subaccount-patchprofiles',
  settings,
  fieldSets: [
    {
      title: 'naver',
      fields,
      operations: { list: listDeclaration, create: CREATE, delete: removeDeclaration },
    },
  ],
  settleMs: SETTLE_MS,
  connect,
});
