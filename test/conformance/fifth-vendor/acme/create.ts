import {
  bodyObject,
  type CreateConversation,
  type CreateDeclaration,
  type CreateOperation,
  decodeContent,
  type Fault,
  fail,
  type HttpResponse,
  isList,
  isObject,
  isSuccess,
  type JsonObject,
  type JsonRequests,
  own,
  ownFault,
  ownText,
  type StoredProfile,
  succeed,
  vendorFault,
} from '../../../../src/adapter-kit/index.ts';
import { acmeFault } from './errors.ts';
import { fields, rowAfter } from './fields.ts';

/** Labels are unique, and a search shows a row at once. */
export const CREATE: CreateDeclaration = {
  repeat: 'conflict',
  settleMs: 10_000,
  absence: 'not_created',
};

const TOO_MANY = 'The target has more rows of the label than a page.';

/** Creates rows. */
export function createOperation({ get, send }: JsonRequests): CreateOperation {
  return {
    ...CREATE,
    *send(changes): CreateConversation {
      const response = yield send('POST', '', rowAfter({}, changes));
      if (!isSuccess(response)) return fail(createFault(response));
      const row = bodyObject(response);
      if (row !== undefined) return succeed(storedRow(row));
      return response.body === ''
        ? succeed(undefined)
        : fail(vendorFault('target_invalid_response', response));
    },
    traceOf: (changes) => {
      const label = changes.find(({ pointer }) => pointer === '/name')?.value;
      return typeof label === 'string' ? { label } : undefined;
    },
    *find(trace) {
      const label = ownText(trace, 'label') ?? '';
      const response = yield get(`?${new URLSearchParams({ label, max: '50' })}`);
      const body = bodyObject(response) ?? {};
      const rows = own(body, 'rows');
      if (!isSuccess(response) || !isList(rows)) return fail(acmeFault(response));
      // Of more rows than a page has, the one that is looked for may not be shown.
      if (own(body, 'more') === true) return fail(ownFault('target_invalid_response', TOO_MANY));
      const labelled = rows.filter(isObject).filter((row) => ownText(row, 'label') === label);
      return succeed(labelled.flatMap((row) => storedRow(row) ?? []));
    },
  };
}

function storedRow(row: JsonObject): StoredProfile | undefined {
  const upstreamId = ownText(row, 'key');
  return upstreamId === undefined ? undefined : { upstreamId, content: decodeContent(fields, row) };
}

/** Returns the fault of a create: a label that is taken is one of another row. */
function createFault(response: HttpResponse): Fault {
  const fault = acmeFault(response);
  return fault.upstream?.code === '4091' ? { ...fault, code: 'conflict' } : fault;
}
