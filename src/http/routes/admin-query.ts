import * as z from 'zod/mini';
import {
  type Fault,
  fail,
  lazily,
  ownFault,
  type Result,
  type SchemaValue,
  succeed,
} from '../../adapter-kit/index.ts';
import { FILTER_CHARACTERS_MAX, PAGE_ROWS_MAX } from '../../limits.ts';
import { isStorable } from './cursor.ts';
import { OUTCOMES } from './receipt-view.ts';

/** A text that a query compares. */
export const filterText = lazily(() =>
  z.optional(
    z.string().check(
      z.regex(
        new RegExp(`^[^]{1,${FILTER_CHARACTERS_MAX}}$`),
        `must have 1 to ${FILTER_CHARACTERS_MAX} characters`,
      ),
      z.refine((text) => isStorable(text), 'must have no NUL'),
    ),
  ),
);

const MOMENT = 'must be a time such as 2026-03-01T09:30:00Z (RFC 3339), its "+" sent as %2B';

/** Unix milliseconds of an RFC 3339 time. */
const moment = lazily(() =>
  z.optional(
    z.pipe(
      z
        .string()
        .check(
          z.regex(/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/, MOMENT),
        ),
      z.transform((text, { issues }) => {
        const ms = Date.parse(text.toUpperCase());
        const isReal = !Number.isNaN(ms) && isOfCalendar(text);
        if (!isReal) issues.push({ code: 'custom', input: text, message: MOMENT });
        return ms;
      }),
    ),
  ),
);

/** Reports whether there is such a day and hour: `Date` takes February 30 for March 2. */
function isOfCalendar(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) && text.slice(11, 13) !== '24';
}

const COUNT = `must be an integer from 1 to ${PAGE_ROWS_MAX}`;
const page = lazily(() => ({
  limit: z.optional(z.int(COUNT).check(z.minimum(1, COUNT), z.maximum(PAGE_ROWS_MAX, COUNT))),
  after: z.optional(z.string()),
}));

/** The query of a list that has pages. */
export const pageQuerySchema = lazily(() => z.strictObject(page()));

/** The query about one receipt: `profile` says which object has it, where each has its own. */
export const profileQuerySchema = lazily(() => z.strictObject({ profile: filterText() }));

/** The query of a list of profiles in doubt. */
export const inDoubtQuerySchema = lazily(() =>
  z.strictObject({ profile: filterText(), ...page() }),
);

/** The query of a list of receipts. */
export const receiptQuerySchema = lazily(() =>
  z.strictObject({
    id: filterText(),
    profile: filterText(),
    target: filterText(),
    caller: filterText(),
    outcome: z.optional(z.enum(OUTCOMES, `must be one of ${OUTCOMES.join(', ')}`)),
    since: moment(),
    until: moment(),
    ...page(),
  }),
);

export type ReceiptFilters = SchemaValue<typeof receiptQuerySchema>;

/** Reads the parameters of a query; the fault says which one is wrong, without quoting it. */
export function readQuery<T extends z.ZodMiniObject>(
  schema: T,
  parameters: Readonly<Record<string, readonly string[]>>,
): Result<z.infer<T>> {
  const known = Object.keys(schema.shape);
  const names = Object.keys(parameters);
  if (!names.every((name) => known.includes(name))) {
    return fail(wrongFilter(`The query accepts only ${known.join(', ')}.`));
  }
  const repeated = names.find((name) => parameters[name]?.length !== 1);
  if (repeated !== undefined) return fail(wrongFilter(`The query has ${repeated} more than once.`));
  const values = names.map((name) => [name, filterOf(name, parameters[name]?.[0] ?? '')]);
  const read = schema.safeParse(Object.fromEntries(values));
  if (read.success) return succeed(read.data);
  const [issue] = read.error.issues;
  return fail(wrongFilter(`${issue?.path.join('.')} ${issue?.message}.`));
}

/** Returns the fault of a filter that cannot be used. */
export function wrongFilter(detail: string): Fault {
  return ownFault('invalid_filter', detail);
}

/** Returns the fault of a cursor that the list has not given out. */
export function wrongCursor(): Fault {
  return ownFault('invalid_cursor', 'after must be the next of another page of this list.');
}

function filterOf(name: string, text: string): string | number {
  return name === 'limit' && /^\d{1,4}$/.test(text) ? Number(text) : text;
}
