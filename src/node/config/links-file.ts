import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { LINK_LINE_BYTES_MAX, LINK_PROBLEMS_MAX, LINKS_FILE_BYTES_MAX } from '../../limits.ts';
import { parseLinkLine } from '../../routing/link-record.ts';
import { createLinkTable, type LinkTable } from '../../routing/link-table.ts';
import type { LinksOpened } from '../../routing/links.ts';
import { failureOf, IS_STREAM, isPassing, isStream, READ_FLAGS } from './regular-file.ts';

/** Bytes that are read before other work of the process gets a turn. */
const CHUNK_BYTES = 128 * 1024;
const NEWLINE = 0x0a;
/** A byte order mark, which may begin a file. */
const BOM = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Reads a file of links, one JSON object in a line; blank lines are passed over. A bad line
 * refuses the whole file; problems name the numbers of the first `LINK_PROBLEMS_MAX`, and how many
 * more there are. The process serves on meanwhile, and the file is not kept open.
 * `onPassingFailure` is called if the same file may be readable later.
 */
export async function openLinksFile(
  path: string,
  targets: readonly string[],
  onPassingFailure: () => void = () => {},
): Promise<LinksOpened> {
  const table = createLinkTable(targets);
  const reader = createLineReader(table, new Map(targets.map((name, i) => [name, i])));
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const file = await open(path, READ_FLAGS);
    if (isStream(await file.stat())) {
      await file.close();
      return { ok: false, problems: [IS_STREAM] };
    }
    const chunks: AsyncIterable<Buffer> = file.createReadStream({ highWaterMark: CHUNK_BYTES });
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > LINKS_FILE_BYTES_MAX) {
        return { ok: false, problems: [`is larger than ${LINKS_FILE_BYTES_MAX} bytes`] };
      }
      hash.update(chunk);
      reader.take(chunk);
    }
  } catch (error) {
    if (isPassing(error)) onPassingFailure();
    return { ok: false, problems: [failureOf(error)] };
  }
  const problems = reader.end();
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, links: { ...table, digest: hash.digest('hex') } };
}

/** Takes the file piece by piece and adds its lines to `table`; gives every problem at the end. */
function createLineReader(table: LinkTable, positions: ReadonlyMap<string, number>) {
  const problems: string[] = [];
  let unlisted = 0;
  let line = 0;
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;

  const report = (problem: string): void => {
    if (problems.length < LINK_PROBLEMS_MAX) problems.push(`line ${line}: ${problem}`);
    else unlisted += 1;
  };
  const takeLine = (bytes: Buffer): void => {
    line += 1;
    if (isTooLong || bytes.length > LINK_LINE_BYTES_MAX) {
      isTooLong = false;
      report(`is longer than ${LINK_LINE_BYTES_MAX} bytes`);
      return;
    }
    const start = line === 1 && bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
    const text = bytes.toString('utf8', start);
    if (text.includes('\uFFFD') && !isUtf8(bytes)) report('is not UTF-8 text');
    else if (text.trim() !== '') takeText(text);
  };
  const takeText = (text: string): void => {
    const parsed = parseLinkLine(text, positions);
    if ('problem' in parsed) report(parsed.problem);
    else if (!table.add(parsed.id, parsed.targets)) report('links an id that has a link already');
  };

  return {
    take: (chunk: Buffer): void => {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        takeLine(rest.length === 0 ? piece : Buffer.concat([rest, piece]));
        rest = Buffer.alloc(0);
        start = end + 1;
      }
      // A line that is too long already is not gathered any further.
      if (rest.length > LINK_LINE_BYTES_MAX) isTooLong = true;
      else rest = Buffer.concat([rest, chunk.subarray(start)]);
    },
    end: (): readonly string[] => {
      if (rest.length > 0 || isTooLong) takeLine(rest);
      return unlisted === 0 ? problems : [...problems, `${unlisted} more lines are bad`];
    },
  };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
