import * as z from 'zod/mini';
import {
  bodyObject,
  type Conversation,
  decodeContent,
  fail,
  type HttpRequest,
  isList,
  isObject,
  isSuccess,
  type ListDeclaration,
  type ListPage,
  type ListRequest,
  own,
  ownFault,
  ownText,
  succeed,
  vendorFault,
} from '../../../../src/adapter-kit/index.ts';
import { acmeFault } from './errors.ts';
import { fields } from './fields.ts';

/** A page has rows in the order of their keys, without their tags. */
export const listDeclaration: ListDeclaration = {
  filters: [
    { name: 'name', pointer: '/name' },
    { name: 'status', pointer: '/status', values: ['active', 'inactive', 'terminated'] },
    { name: 'extensions.acme.series', pointer: '/extensions/acme/series' },
  ],
  pageSizeMax: 50,
  completeness: 'stable',
  omitted: ['/attributes'],
};

/** The key of the last row, which need not exist any more. */
const positionSchema = z.object({ after: z.string() });

/** Reads the rows behind a key. Only the label is looked for; the core compares the rest. */
export function* readPage(
  get: (path: string) => HttpRequest,
  { filters, limit, position = { after: '' } }: ListRequest,
): Conversation<ListPage> {
  const place = positionSchema.safeParse(position);
  if (!place.success) return fail(ownFault('invalid_cursor', 'The cursor has no place.'));
  const { after } = place.data;
  const query = new URLSearchParams({ after, max: String(limit) });
  const label = filters.get('name');
  if (label !== undefined) query.set('label', label);
  const response = yield get(`?${query}`);
  if (!isSuccess(response)) return fail(acmeFault(response));
  const body = bodyObject(response) ?? {};
  const rows = own(body, 'rows');
  if (!isList(rows)) return fail(vendorFault('target_invalid_response', response));
  const items = rows.filter(isObject).flatMap((row) => {
    const upstreamId = ownText(row, 'key');
    return upstreamId === undefined ? [] : [{ upstreamId, content: decodeContent(fields, row) }];
  });
  const last = items.at(-1)?.upstreamId ?? '';
  // A page that does not lead on would be read for ever.
  const leadsOn = items.every(({ upstreamId }) => upstreamId > after);
  if (items.length < rows.length || !leadsOn) {
    return fail(vendorFault('target_invalid_response', response));
  }
  return succeed(
    own(body, 'more') === true && last !== '' ? { items, next: { after: last } } : { items },
  );
}
