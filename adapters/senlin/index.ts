import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Change,
  type Connection,
  type Conversation,
  codeOfStatus,
  decodeContent,
  defineAdapter,
  type Fault,
  fail,
  type HttpResponse,
  isEmptySuccess,
  isSuccess,
  jsonRequests,
  lazily,
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
} from '../../src/adapter-kit/index.ts';
import {
  applicationCredential,
  keystoneAuthorization,
  keystoneSecrets,
  projectPassword,
} from '../keystone/auth.ts';
import { CREATE, createOperation } from './create.ts';
import { NO_UPDATE, senlinFault } from './errors.ts';
import { fields, profileBody, profileOf } from './fields.ts';
import { listDeclaration, readPage } from './list.ts';

const settings = lazily(() =>
  z.strictObject({
    baseUrl: baseUrlSchema(),
    auth: z.discriminatedUnion('method', [projectPassword(), applicationCredential()]),
  }),
);

/**
 * Senlin looks up anything but a UUID as a name and as the start of an id, and writes to the match
 * (senlin/objects/profile.py). Only a full lower-case UUID cannot match another profile.
 */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A request may wait in the conductor's queue for a minute (oslo.messaging's default). */
const SETTLE_MS = 60_000;

/** Rows are removed, and no id is used again (senlin, db/sqlalchemy/api.py). */
const removeDeclaration = { absence: 'deleted' } as const;

function connect({ baseUrl, auth }: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(baseUrl);
  const root = prefix.replace(/\/v1$/, '');
  const { get, send } = jsonRequests(origin, `${root}/v1/profiles`);
  const pathOf = (id: string): string => `/${segment(id)}`;

  return {
    fields,
    account: origin + root,
    origins: [origin, splitBaseUrl(auth.url).origin],
    secrets: keystoneSecrets(auth),
    authorization: keystoneAuthorization(auth),
    validateId: (id) => (UUID.test(id) ? undefined : 'a full UUID in lower case'),
    requiresRead: () => true,
    create: createOperation(origin, root),
    queuesWrites: true,
    classifyFailure: senlinFault,
    list: { ...listDeclaration, page: (request) => readPage(get, request) },
    remove: {
      ...removeDeclaration,
      *send(id): RemoveConversation {
        const response = yield send('DELETE', pathOf(id));
        return isEmptySuccess(response) ? succeed(undefined) : fail(senlinFault(response));
      },
    },
    *read(id): Conversation<StoredProfile> {
      return parseProfile(id, yield get(pathOf(id)));
    },
    *write(id, changes, before): WriteConversation {
      if (mergesUnknown(changes, before)) return fail(METADATA_UNKNOWN);
      const request = send('PATCH', pathOf(id), { profile: profileBody(changes, before) });
      const pointers = changes.map((change) => change.pointer);
      const response = yield { name: 'profile', pointers, request };
      if (reportsNoUpdate(response)) return succeed({ profile: undefined, noop: true });
      const parsed = parseProfile(id, response);
      return parsed.ok ? succeed({ profile: parsed.value }) : parsed;
    },
  };
}

/** Values merged into an unknown map would replace everything in it. */
const METADATA_UNKNOWN: Fault = {
  code: 'target_invalid_response',
  detail:
    'The target does not return metadata, which a write of one attribute replaces as a whole.',
  effect: 'none',
};

function mergesUnknown(changes: readonly Change[], before: StoredProfile | undefined): boolean {
  return changes.some(({ key }) => key !== undefined) && before?.content.attributes === undefined;
}

function reportsNoUpdate(response: HttpResponse): boolean {
  return response.status === 400 && senlinFault(response).upstream?.message === NO_UPDATE;
}

function parseProfile(id: string, response: HttpResponse): Result<StoredProfile> {
  if (!isSuccess(response)) return fail(senlinFault(response));
  const profile = profileOf(bodyObject(response));
  const upstreamId = ownText(profile, 'id');
  if (profile === undefined || upstreamId === undefined) {
    return fail(vendorFault(codeOfStatus(response.status), response));
  }
  // A UUID that no profile has can still be another profile's name.
  if (upstreamId !== id) return fail(vendorFault('profile_not_found', response));
  return succeed({ upstreamId, content: decodeContent(fields, profile) });
}

export default defineAdapter({
  vendor: 'senlin',
  title: 'OpenStack Senlin',
  docs: 'https://docs.openstack.org/api-ref/clustering/',
  settings,
  fieldSets: [
    {
      title: 'senlin',
      fields,
      operations: { list: listDeclaration, create: CREATE, delete: removeDeclaration },
    },
  ],
  settleMs: SETTLE_MS,
  connect,
});
