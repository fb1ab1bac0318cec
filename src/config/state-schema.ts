import * as z from 'zod/mini';
import { lazily, type SchemaValue } from '../adapter-kit/index.ts';
import {
  ANSWER_HOURS,
  RECEIPT_DAYS,
  SECRET_CHARACTERS_MIN,
  SESSION_MS,
  STATE_TIMEOUT_MS,
} from '../limits.ts';

const between = (minimum: number, maximum: number) =>
  z.int().check(z.minimum(minimum), z.maximum(maximum));

/** The state that outlives a process, and that its replicas share. */
export const stateSchema = lazily(() =>
  z
    .strictObject({
      /** A SQLite file, for the processes of one machine. */
      file: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
      /** A PostgreSQL database. */
      url: z.optional(
        z.string().check(z.regex(/^postgres(?:ql)?:\/\/./, 'must begin with postgres://')),
      ),
      /** Certificates in PEM of the authority of the database's certificate. */
      caFile: z.optional(z.string().check(z.minLength(1), z.maxLength(4_096))),
      /** Key of the hashes that stand for values; by default a file beside `file` holds one. */
      hashKey: z.optional(z.string().check(z.minLength(2 * SECRET_CHARACTERS_MIN))),
      /** End that a stored write outlasts: of a process, or of the power too. */
      durability: z.optional(z.enum(['process', 'power'])),
      /** Time without a sign of life after which other replicas close the writes of one. */
      sessionMs: z._default(between(2_000, 60_000), SESSION_MS),
      timeoutMs: z._default(between(100, 10_000), STATE_TIMEOUT_MS),
      /** Makes the tables of a PostgreSQL database, or only checks them. */
      schema: z._default(z.enum(['auto', 'check']), 'auto'),
      receiptDays: z._default(between(1, 3_650), RECEIPT_DAYS),
      keyHours: z._default(between(1, 8_760), ANSWER_HOURS),
    })
    .check(
      z.refine(({ file, url }) => (file === undefined) !== (url === undefined), {
        error: 'needs either file or url',
      }),
      z.refine(({ hashKey, url }) => url === undefined || hashKey !== undefined, {
        path: ['hashKey'],
        error: 'is needed with url: every replica must have the same',
      }),
      z.refine(({ sessionMs, timeoutMs }) => timeoutMs * 2 <= sessionMs, {
        path: ['timeoutMs'],
        error: 'must be at most half of sessionMs',
      }),
    ),
);
export type StateSettings = SchemaValue<typeof stateSchema>;
