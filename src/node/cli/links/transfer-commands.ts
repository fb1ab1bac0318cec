import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import * as z from 'zod/mini';
import { optional } from '../../../adapter-kit/index.ts';
import { LINK_IMPORT_BYTES_MAX, LINK_IMPORT_LINES_MAX } from '../../../limits.ts';
import { EXIT, stop } from '../../command-line.ts';
import { codeOf } from '../../error-place.ts';
import { type LinkCommand, printLine } from './link-command.ts';
import { createProgressLine } from './progress-line.ts';

const importSchema = z.object({
  links: z.int(),
  added: z.int(),
  replaced: z.int(),
  unchanged: z.int(),
});

/** `links import`: a file of any size, in parts of which each is set as a whole. */
export const importCommand: LinkCommand = async ({ client, flags, operands, wrongUse }) => {
  const [file, ...rest] = operands;
  if (file === undefined || rest.length > 0) return wrongUse();
  const query = new URLSearchParams({
    dryRun: String(flags['dry-run']),
    ...optional('reason', flags.reason),
  });
  const progress = createProgressLine(!flags.json);
  const total = { links: 0, added: 0, replaced: 0, unchanged: 0 };
  for await (const lines of partsIn(file)) {
    const part = await client.post(`/admin/links?${query}`, { lines }, importSchema);
    total.links += part.links;
    total.added += part.added;
    total.replaced += part.replaced;
    total.unchanged += part.unchanged;
    progress.show(`${total.links} links`);
  }
  progress.end();
  const { added, links, replaced, unchanged } = total;
  const counts = `${added} added, ${replaced} replaced, ${unchanged} unchanged`;
  const dry = flags['dry-run'] ? ' (dry run)' : '';
  printLine(flags.json ? JSON.stringify(total) : `${links} links: ${counts}${dry}`);
};

/** Yields the lines of a file, as many at once as one request may have. */
async function* partsIn(file: string): AsyncGenerator<string> {
  let lines: string[] = [];
  let bytes = 0;
  const input = createReadStream(file);
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue;
      const length = Buffer.byteLength(line) + 1;
      const isFull =
        lines.length === LINK_IMPORT_LINES_MAX || bytes + length > LINK_IMPORT_BYTES_MAX;
      if (isFull && lines.length > 0) {
        yield lines.join('\n');
        lines = [];
        bytes = 0;
      }
      lines.push(line);
      bytes += length;
    }
    // A file that cannot be read ends without a line, and then with its error.
    await Promise.race([failed, Promise.resolve()]);
  } catch (error) {
    return stop(EXIT.data, [`${file}: cannot be read (${codeOf(error)})`]);
  }
  if (lines.length > 0) yield lines.join('\n');
}

const exportSchema = z.object({
  links: z.array(z.object({ id: z.string(), targets: z.record(z.string(), z.string()) })),
  next: z.exactOptional(z.string()),
});

/** `links export`: prints all links, in the form that `import` and a configuration take. */
export const exportCommand: LinkCommand = async ({ client, flags, operands, wrongUse }) => {
  if (operands.length > 0) wrongUse();
  const progress = createProgressLine(!flags.json);
  let [after, links]: [string | undefined, number] = [undefined, 0];
  do {
    const query = new URLSearchParams({ limit: '500', ...optional('after', after) });
    const page = await client.get(`/admin/links?${query}`, exportSchema);
    for (const { id, targets } of page.links) printLine(JSON.stringify({ id, targets }));
    links += page.links.length;
    progress.show(`${links} links`);
    after = page.next;
  } while (after !== undefined);
  progress.end();
};
