import type { Context } from 'hono';
import { fail, optional, ownFault, type Result, succeed } from '../../adapter-kit/index.ts';
import {
  PAGE_CHARACTERS_MAX,
  PAGE_ROWS,
  PAGE_ROWS_PER_READ,
  RECEIPTS_EXPORTED_MAX,
} from '../../limits.ts';
import { type ReceiptQuery, StateUnavailable } from '../../state/state-database.ts';
import type { Target } from '../../upstream/target.ts';
import { acceptsType } from '../header-syntax.ts';
import type { Handler } from '../pipeline.ts';
import { jsonAnswer, jsonText, respond, respondProblem } from '../responses.ts';
import {
  profileQuerySchema,
  type ReceiptFilters,
  readQuery,
  receiptQuerySchema,
  wrongCursor,
} from './admin-query.ts';
import { decodeCursor, encodeCursor, isStorable } from './cursor.ts';
import { keyOfProfile } from './profile-filter.ts';
import { receiptView } from './receipt-view.ts';
import { type StatePart, type WriteRecords, withRecords } from './state-operations.ts';

/** Media type of one JSON text per line. */
export const LINES_TYPE = 'application/x-ndjson';

/** `GET /admin/receipts`, as one page or as lines. */
export function listReceipts(part: StatePart): Handler {
  return withRecords(part, async (c, state) => {
    const asked = readQuery(receiptQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const { limit } = asked.value;
    const filters = filtersOf(asked.value, c.get('gateway').targets);
    if (!filters.ok) return respondProblem(c, filters.fault);
    if (acceptsType(c.get('state').findHeader('accept') ?? '', LINES_TYPE)) {
      return exportReceipts(c, state, filters.value, limit ?? RECEIPTS_EXPORTED_MAX);
    }
    const { next, texts } = await readPage(state, filters.value, limit ?? PAGE_ROWS);
    const more = next === undefined ? '' : `,"next":"${receiptsAfter(next)}"`;
    return jsonAnswer(c, `{"receipts":[${texts.join(',')}]${more}}`);
  });
}

/** `GET /admin/receipts/{writeId}`. */
export function showReceipt(part: StatePart): Handler {
  return withRecords(part, async (c, state) => {
    const asked = readQuery(profileQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const writeId = c.req.param('writeId') ?? '';
    const receipt = isStorable(writeId) ? await state.receipt(writeId) : undefined;
    if (receipt !== undefined) return jsonText(c, receiptView(receipt));
    const detail = 'There is no receipt of this write: it may be under way, or too long ago.';
    return respondProblem(c, ownFault('not_found', detail));
  });
}

type Filters = Omit<ReceiptQuery, 'max'>;

/** Turns what a query asks for into the conditions of the database. */
function filtersOf(
  { after, caller, id, outcome, profile, since, target, until }: ReceiptFilters,
  targets: ReadonlyMap<string, Target>,
): Result<Filters> {
  const key = profile === undefined ? succeed(undefined) : keyOfProfile(profile, targets);
  if (!key.ok) return key;
  const before = after === undefined ? undefined : Number(decodeCursor('receipts', after));
  if (before !== undefined && !Number.isSafeInteger(before)) return fail(wrongCursor());
  return succeed({
    ...optional('key', key.value),
    ...optional('id', id),
    ...optional('target', target),
    ...optional('caller', caller),
    ...optional('outcome', outcome),
    ...optional('sinceMs', since),
    ...optional('untilMs', until),
    ...optional('before', before),
  });
}

/** Receipts as JSON, and the position after which there are more. */
type Page = { readonly texts: readonly string[]; readonly next: number | undefined };

/** Reads at most `max` receipts, a few at a time; fewer where their texts are long. */
async function readPage(state: WriteRecords, filters: Filters, max: number): Promise<Page> {
  const texts: string[] = [];
  let { before } = filters;
  let characters = 0;
  while (texts.length < max) {
    const wanted = Math.min(max - texts.length, PAGE_ROWS_PER_READ);
    // One more than wanted shows that there are more.
    const query = { ...filters, ...optional('before', before), max: wanted + 1 };
    const rows = await state.receipts(query);
    for (const row of rows.slice(0, wanted)) {
      if (characters >= PAGE_CHARACTERS_MAX) return { texts, next: before };
      const text = JSON.stringify(receiptView(row));
      texts.push(text);
      characters += text.length;
      before = row.position;
    }
    if (rows.length <= wanted) return { texts, next: undefined };
  }
  return { texts, next: before };
}

function receiptsAfter(position: number): string {
  return encodeCursor('receipts', String(position));
}

/** Responds with receipts as lines, which are read as fast as the caller takes them. */
async function exportReceipts(
  c: Context,
  state: WriteRecords,
  filters: Filters,
  max: number,
): Promise<Response> {
  // What fails before the first line is still a problem with its status.
  const first = await readPage(state, filters, Math.min(max, PAGE_ROWS_PER_READ));
  const pieces = exportedPieces(state, filters, first, max);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
    },
    { highWaterMark: 0 },
  );
  return respond(c, 200, LINES_TYPE, stream);
}

/**
 * Yields whole lines, and at last the line `{"next": cursor or null}`: an export that has none was
 * cut off. Where the state ceases to answer, the rest follows after that cursor.
 */
async function* exportedPieces(
  state: WriteRecords,
  filters: Filters,
  first: Page,
  max: number,
): AsyncGenerator<string, void> {
  let page = first;
  let left = max;
  for (;;) {
    const { next, texts } = page;
    left -= texts.length;
    if (texts.length > 0) yield `${texts.join('\n')}\n`;
    const more = next === undefined || left <= 0 ? undefined : await pageAfter(next);
    if (more === undefined) {
      yield `${JSON.stringify({ next: next === undefined ? null : receiptsAfter(next) })}\n`;
      return;
    }
    page = more;
  }

  async function pageAfter(before: number): Promise<Page | undefined> {
    try {
      const wanted = Math.min(left, PAGE_ROWS_PER_READ);
      return await readPage(state, { ...filters, before }, wanted);
    } catch (error) {
      if (error instanceof StateUnavailable) return undefined;
      throw error;
    }
  }
}
