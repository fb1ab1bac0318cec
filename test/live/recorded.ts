import { readFileSync } from 'node:fs';
import * as z from 'zod';

/** How a variable is taken from an answer: a header, a value of the JSON body, or its text. */
const capture = z.union([
  z.strictObject({ header: z.string() }),
  z.strictObject({
    pointer: z.string(),
    form: z.enum(['first1', 'first8', 'bareUpperCase']).optional(),
  }),
  z.strictObject({ body: z.literal('whole') }),
]);

const step = z.strictObject({
  title: z.string(),
  setup: z.literal(true).optional(),
  needs: z.string().optional(),
  method: z.string(),
  to: z.enum(['keystone', 'senlin']),
  path: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
  captures: z.record(z.string(), capture).default({}),
  again: z.strictObject({ while: z.int() }).optional(),
  expect: z.strictObject({ status: z.int(), body: z.json().optional() }).optional(),
});

const recording = z.strictObject({
  recorded: z.string(),
  note: z.string().optional(),
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
export function recordedSteps(): readonly Step[] {
  return FILES.flatMap((file) => {
    const text = readFileSync(new URL(`./recorded/${file}.json`, import.meta.url), 'utf8');
    return recording
      .parse(JSON.parse(text))
      .sections.flatMap(({ section, steps }) => steps.map((each) => ({ ...each, section })));
  });
}
