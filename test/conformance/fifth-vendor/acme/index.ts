import * as z from 'zod/mini';
import {
  baseUrlSchema,
  bodyObject,
  type Connection,
  type Conversation,
  decodeContent,
  defineAdapter,
  fail,
  type HttpResponse,
  headerValueSchema,
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
  type WriteConversation,
  type WriteStep,
  type Written,
} from '../../../../src/adapter-kit/index.ts';
import { createOperation } from './create.ts';
import { acmeFault } from './errors.ts';
import { fields, rowAfter, STATE_STEP, splitChanges } from './fields.ts';
import { listDeclaration, readPage } from './list.ts';
import { operations, removeDeclaration } from './operations.ts';

const settings = lazily(() =>
  z.strictObject({ baseUrl: baseUrlSchema(), key: headerValueSchema() }),
);

const ID = /^[A-Z]{3}-\d{4}$/;

function connect({ baseUrl, key }: SchemaValue<typeof settings>): Connection {
  const { origin, prefix } = splitBaseUrl(baseUrl);
  const { get, send } = jsonRequests(origin, `${prefix}/v2/rows/`);
  const rows = jsonRequests(origin, `${prefix}/v2/rows`);

  return {
    fields,
    account: origin + prefix,
    origins: [origin],
    secrets: [{ name: 'key', value: key }],
    authorization: { kind: 'headers', headers: { authorization: `Bearer ${key}` } },
    validateId: (id) => (ID.test(id) ? undefined : 'three capitals, a hyphen and four digits'),
    requiresRead: () => true,
    preflight: (changes, before) => {
      const { edits, state } = splitChanges(changes);
      const opens = (state?.value ?? before.content.status) === 'active';
      if (opens || before.content.status === 'active') return [];
      const detail = 'a row that is not active is locked';
      return edits.map(({ pointer }) => ({ pointer, code: 'rejected', detail }));
    },
    classifyFailure: acmeFault,
    list: { ...listDeclaration, page: (request) => readPage(rows.get, request) },
    create: createOperation(rows),
    remove: {
      ...removeDeclaration,
      preflight: ({ content }) =>
        content.status === 'terminated' ? 'a row that is closed stays' : undefined,
      *send(id): RemoveConversation {
        const response = yield send('DELETE', segment(id));
        return isEmptySuccess(response) ? succeed(undefined) : fail(acmeFault(response));
      },
    },
    *read(id): Conversation<StoredProfile> {
      return shownRow(id, yield get(segment(id)));
    },
    write: (...write) => writeRow(send, ...write),
  };
}

function* writeRow(
  send: ReturnType<typeof jsonRequests>['send'],
  ...[id, changes, before]: Parameters<Connection['write']>
): WriteConversation {
  const { edits, state } = splitChanges(changes);
  // A locked row takes no edits: open it first, lock it last.
  const opened = state?.value === 'active' ? [state] : [];
  const steps: WriteStep[] = [];
  if (edits.length > 0) {
    const row = send('PUT', segment(id), rowAfter(before?.wire ?? {}, [...opened, ...edits]));
    steps.push({
      name: 'row',
      pointers: edits.map((c) => c.pointer),
      request: row,
      parseProfile: (response) => {
        const shown = shownRow(id, response);
        return shown.ok ? shown.value : undefined;
      },
    });
  }
  if (state !== undefined) {
    const put = send('PUT', `${segment(id)}/state`, { state: state.wire });
    const step = { name: STATE_STEP, pointers: [state.pointer], request: put };
    if (opened.length > 0) steps.unshift(step);
    else steps.push(step);
  }
  let written: Result<Written> = succeed({ profile: undefined });
  for (const step of steps) {
    const response = yield step;
    if (!isSuccess(response)) return fail(acmeFault(response));
    written = succeed({ profile: undefined });
    if (step.name === STATE_STEP || response.body === '') continue;
    const shown = shownRow(id, response);
    if (!shown.ok) return shown;
    written = succeed({ profile: shown.value });
  }
  return written;
}

function shownRow(id: string, response: HttpResponse): Result<StoredProfile> {
  const row = bodyObject(response);
  if (!isSuccess(response) || row === undefined || ownText(row, 'key') !== id) {
    return fail(acmeFault(response));
  }
  return succeed({ upstreamId: id, content: decodeContent(fields, row), wire: row });
}

export default defineAdapter({
  vendor: 'acme',
  title: 'Acme Rows, made up for tests',
  docs: 'https://rows.example.com/docs',
  settings,
  fieldSets: [{ title: 'acme', fields, operations }],
  settleMs: 10_000,
  connect,
});
