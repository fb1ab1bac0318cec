import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

/** How a variable is taken from an answer: a header, a value of the JSON body, or its text. */
const capture = z.union([
  z.strictObject({ header: z.string() }),
  z.strictObject({
    pointer: z.string(),
    form: z.optional(z.enum(['first1', 'first8', 'bareUpperCase'])),
  }),
  z.strictObject({ body: z.literal('whole') }),
]);

const step = z.strictObject({
  record: z.optional(z.int()),
  title: z.string(),
  setup: z.optional(z.literal(true)),
  needs: z.optional(z.string()),
  method: z.string(),
  afterMs: z.optional(z.int()),
  to: z.enum(['keystone', 'senlin', 'stage']),
  path: z.string(),
  headers: z._default(z.record(z.string(), z.string()), {}),
  body: z.optional(z.string()),
  captures: z._default(z.record(z.string(), capture), {}),
  again: z.optional(z.strictObject({ while: z.int() })),
  expect: z.optional(z.strictObject({ status: z.int(), body: z.optional(z.json()) })),
});

const recording = z.strictObject({
  recorded: z.string(),
  note: z.optional(z.string()),
  sections: z.array(z.strictObject({ section: z.string(), steps: z.array(step) })),
});

export type Capture = z.infer<typeof capture>;

/**
 * One recorded request and its answer. Path, headers and body are templates (template.ts).
 *
 * - Without `body` there is neither a body nor a Content-Length.
 * - `setup` steps were not recorded: they make what later steps name, or clean up. A server that
 *   does not offer them is replayed with the captured variables given beforehand.
 * - A step that `needs` a variable is not sent to a server that could not give it a value.
 * - `record` is its number in the recording of lists, creates and deletes.
 * - `afterMs`: sent that long after the answer before.
 * - `to: stage` is no request to a server: it changes what stands around the servers.
 * - `again`: sent again, after a while, as long as the answer has that status.
 * - `expect.status` 0 is a connection closed without an answer.
 */
export type Step = z.infer<typeof step> & { readonly section: string };

/** The files in the order in which they were recorded: later ones use what earlier ones made. */
const FILES = [
  'keystone-tokens',
  'keystone-projects',
  'keystone-refusals',
  'senlin-profiles',
  'senlin-refusals',
  'senlin-trusts',
];

/** Every recorded step, in order. Throws when a file does not have the shape above. */
export function recordedSteps(files: readonly string[] = FILES): readonly Step[] {
  return files.flatMap((file) => {
    const text = readFileSync(new URL(`./recorded/${file}.json`, import.meta.url), 'utf8');
    return recording
      .parse(JSON.parse(text))
      .sections.flatMap(({ section, steps }) => steps.map((each) => ({ ...each, section })));
  });
}
