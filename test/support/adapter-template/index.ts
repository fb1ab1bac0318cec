import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Connection,
  type Conversation,
  defineAdapter,
  fail,
  type HttpResponse,
  headerValueSchema,
  isEmptySuccess,
  isSuccess,
  jsonRequests,
  lazily,
  type RemoveConversation,
  type Result,
  type SchemaValue,
  type StoredProfile,
  segment,
  splitBaseUrl,
  succeed,
  vendorFault,
  type WriteConversation,
  wireMembers,
} from '../../../src/adapter-kit/index.ts';
import { createOperation } from './create.ts';
import { faultOf } from './errors.ts';
import { fields } from './fields.ts';
import { listOperation } from './list.ts';
import { operations, REMOVE } from './operations.ts';
import { storedProfile } from './profile.ts';

const settings = lazily(() =>
  z.strictObject({ baseUrl: baseUrlSchema(), key: headerValueSchema() }),
);

/** One spelling only: one profile, one lock. */
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The longest time after which a write without a response may still be applied. */
const SETTLE_MS = 60_000;

function connect({ baseUrl, key }: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(baseUrl);
  const { get, send } = jsonRequests(origin, `${prefix}/profiles/`);
  const profiles = jsonRequests(origin, `${prefix}/profiles`);

  return {
    fields,
    account: origin + prefix,
    origins: [origin],
    secrets: [{ name: 'key', value: key }],
    authorization: { kind: 'headers', headers: { authorization: `Bearer ${key}` } },
    validateId: (id) => (ID.test(id) ? undefined : 'a full UUID in lower case'),
    requiresRead: () => false,
    classifyFailure: faultOf,
    list: listOperation(profiles),
    create: createOperation(profiles),
    remove: {
      ...REMOVE,
      *send(id): RemoveConversation {
        const response = yield send('DELETE', segment(id));
        return isEmptySuccess(response) ? succeed(undefined) : fail(faultOf(response));
      },
    },
    *read(id): Conversation<StoredProfile> {
      return parseProfile(id, yield get(segment(id)));
    },
    *write(id, changes): WriteConversation {
      const response = yield {
        name: 'profile',
        pointers: changes.map(({ pointer }) => pointer),
        request: send('PATCH', segment(id), wireMembers(changes)),
      };
      const parsed = parseProfile(id, response);
      return parsed.ok ? succeed({ profile: parsed.value }) : parsed;
    },
  };
}

function parseProfile(id: string, response: HttpResponse): Result<StoredProfile> {
  if (!isSuccess(response)) return fail(faultOf(response));
  const profile = storedProfile(bodyObject(response) ?? {});
  return profile?.upstreamId === id
    ? succeed(profile)
    : fail(vendorFault('target_invalid_response', response));
}

export default defineAdapter({
  vendor: 'template',
  title: 'template',
  docs: 'https://docs.example.com/template',
  settings,
  fieldSets: [{ title: 'template', fields, operations }],
  settleMs: SETTLE_MS,
  connect,
});
