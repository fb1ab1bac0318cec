import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Change,
  type Connection,
  type Conversation,
  DEFAULT_STEP,
  decodeContent,
  defineAdapter,
  fail,
  type HttpResponse,
  isEmptySuccess,
  isSuccess,
  type JsonObject,
  type JsonRequests,
  jsonRequests,
  lazily,
  type OperationDeclarations,
  ownText,
  type RemoveConversation,
  type RemoveOperation,
  type Result,
  type SchemaValue,
  type StoredProfile,
  segment,
  splitBaseUrl,
  stepOf,
  succeed,
  type WriteConversation,
  wireMembers,
} from '../../src/adapter-kit/index.ts';
import { accessKey, authorize, password } from './auth.ts';
import { createOperation } from './create.ts';
import {
  type Dialect,
  keystone,
  otc,
  otcWithStatus,
  PROJECTS,
  PROJECTS_WITH_STATUS,
} from './dialect.ts';
import { iamFault } from './errors.ts';
import {
  contentAfterPatch,
  keystoneFields,
  otcFields,
  otcStatusFields,
  projectOf,
  STATUS_STEP,
} from './fields.ts';

const settings = lazily(() =>
  z.discriminatedUnion('dialect', [
    z.strictObject({
      dialect: z.literal('otc'),
      baseUrl: baseUrlSchema(),
      manageStatus: z._default(z.boolean(), false),
      allowDelete: z._default(z.boolean(), false),
      auth: z.discriminatedUnion('method', [password(), accessKey()]),
    }),
    z.strictObject({ dialect: z.literal('keystone'), baseUrl: baseUrlSchema(), auth: password() }),
  ]),
);

/** No document states the longest write; the vendor's own SDK waits 30 s (python-t-cloud). */
const SETTLE_MS = 30_000;

/** A project that is gone is a 404 (IAM API reference of 2026-01; Keystone, resource/core.py). */
const removeDeclaration = { absence: 'deleted' } as const;

function operationsOf({ create, list }: Dialect): OperationDeclarations {
  return { list, create, delete: removeDeclaration };
}

function removeOperation(
  { preflightRemove }: Dialect,
  send: JsonRequests['send'],
): RemoveOperation {
  return {
    ...removeDeclaration,
    preflight: preflightRemove,
    *send(id): RemoveConversation {
      const response = yield send('DELETE', PROJECTS + segment(id));
      return isEmptySuccess(response) ? succeed(undefined) : fail(iamFault(response, id));
    },
  };
}

function connect(target: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(target.baseUrl);
  const root = prefix.replace(/\/v3$/, '');
  const managesStatus = target.dialect === 'otc' && target.manageStatus;
  const dialect = target.dialect === 'keystone' ? keystone : managesStatus ? otcWithStatus : otc;
  const { origins, ...authorized } = authorize(target.auth, `${origin}${root}/v3`);
  const { get, send } = jsonRequests(origin, root, dialect.contentType);
  const domain = 'domain' in target.auth ? target.auth.domain : undefined;
  const mayRemove = target.dialect === 'keystone' || target.allowDelete;

  return {
    ...authorized,
    fields: dialect.fields,
    account: origin + root,
    origins: [origin, ...origins],
    validateId: (id) => (dialect.id.pattern.test(id) ? undefined : dialect.id.message),
    requiresRead: () => true,
    preflight: dialect.preflight,
    create: createOperation(origin, root, dialect),
    classifyFailure: iamFault,
    list: { ...dialect.list, page: (request) => dialect.readPage(get, request, domain) },
    ...(mayRemove ? { remove: removeOperation(dialect, send) } : {}),
    *read(id): Conversation<StoredProfile> {
      const project = parseProject(id, yield get(dialect.readPath + segment(id)));
      if (!project.ok) return project;
      return succeed({ upstreamId: id, content: decodeContent(dialect.fields, project.value) });
    },
    *write(id, changes, before): WriteConversation {
      const [patched, status] = [inStep(DEFAULT_STEP, changes), inStep(STATUS_STEP, changes)];
      let profile: StoredProfile | undefined;
      if (patched.length > 0) {
        const project = dialect.project(id, patched);
        const patch = send('PATCH', PROJECTS + segment(id), { project });
        const response = yield {
          name: DEFAULT_STEP,
          pointers: pointersOf(patched),
          request: patch,
          parseProfile: (answer: HttpResponse) => profileAfterPatch(id, answer, before),
          isReadAfter: managesStatus,
        };
        // The answer to a PATCH has no `status`, so with `manageStatus` a read follows and a
        // success needs no body.
        if (!managesStatus || !isEmptySuccess(response)) {
          const project = parseProject(id, response);
          if (!project.ok) return project;
          if (!managesStatus && before !== undefined) {
            const content = contentAfterPatch(dialect.fields, project.value, before);
            profile = { upstreamId: id, content };
          }
        }
      }
      if (status.length > 0) {
        const project = wireMembers(status);
        const put = send('PUT', PROJECTS_WITH_STATUS + segment(id), { project });
        const pointers = pointersOf(status);
        const response = yield { name: STATUS_STEP, pointers, request: put, isReadAfter: true };
        if (!isEmptySuccess(response)) {
          const project = parseProject(id, response);
          if (!project.ok) return project;
        }
      }
      return succeed({ profile });
    },
  };
}

/**
 * Returns the profile that a read would show after a PATCH: its answer for what a PATCH can change,
 * and `before` for the rest, such as the status.
 */
function profileAfterPatch(
  id: string,
  response: HttpResponse,
  before: StoredProfile | undefined,
): StoredProfile | undefined {
  const project = parseProject(id, response);
  if (!project.ok || before === undefined) return undefined;
  const isPatched = ([name]: [string, unknown]): boolean => PATCHED.has(name);
  const answered = Object.entries(decodeContent(otcFields, project.value)).filter(isPatched);
  const kept = Object.entries(before.content).filter((member) => !isPatched(member));
  return { upstreamId: id, content: Object.fromEntries([...kept, ...answered]) };
}

/** Members that a PATCH on otc can change. */
const PATCHED: ReadonlySet<string> = new Set(['name', 'description']);

function inStep(name: string, changes: readonly Change[]): Change[] {
  return changes.filter((change) => stepOf(change) === name);
}

function pointersOf(changes: readonly Change[]): string[] {
  return changes.map((change) => change.pointer);
}

/** Parses the project of an answer, which must have the requested id. */
function parseProject(id: string, response: HttpResponse): Result<JsonObject> {
  const project = isSuccess(response) ? projectOf(bodyObject(response)) : undefined;
  return project === undefined || ownText(project, 'id') !== id
    ? fail(iamFault(response, id))
    : succeed(project);
}

export default defineAdapter({
  vendor: 'iam',
  title: 'Open Telekom Cloud IAM, OpenStack Keystone',
  docs: 'https://docs.otc.t-systems.com/identity-access-management/api-ref/',
  settings,
  fieldSets: [
    { title: 'iam (otc)', fields: otcFields, operations: operationsOf(otc) },
    {
      title: 'iam (otc, manageStatus)',
      fields: otcStatusFields,
      operations: operationsOf(otcWithStatus),
    },
    { title: 'iam (keystone)', fields: keystoneFields, operations: operationsOf(keystone) },
  ],
  settleMs: SETTLE_MS,
  connect,
});
