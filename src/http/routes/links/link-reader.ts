import type { Context } from 'hono';
import {
  type FieldError,
  fail,
  isObject,
  ownFault,
  parsePlain,
  type Result,
  succeed,
} from '../../../adapter-kit/index.ts';
import {
  LINK_BODY_BYTES_MAX,
  LINK_IMPORT_BYTES_MAX,
  LINK_IMPORT_LINES_MAX,
  LINK_LINE_BYTES_MAX,
  LINK_PROBLEMS_MAX,
} from '../../../limits.ts';
import type { ReadChunks } from '../../../ports.ts';
import { parseLinkLine, repeatsKey } from '../../../routing/link-record.ts';
import type { LinkTargets } from '../../../state/control/control-rows.ts';
import type { Target } from '../../../upstream/target.ts';
import { checkMediaType, readBody } from '../../middleware/patch-body.ts';
import { LINES_TYPE } from '../receipts.ts';
import { linkSchema } from './link-query.ts';

/** A link as an operator wants it. */
export type WantedLink = { readonly id: string; readonly targets: LinkTargets };

type Targets = ReadonlyMap<string, Target>;

/** Reads the link of `id` in the body of a request, and the reason for it. */
export async function readWantedLink(
  c: Context,
  readChunks: ReadChunks | undefined,
  id: string,
): Promise<Result<WantedLink & { readonly reason: string | undefined }>> {
  const { requestHeaders } = c.get('state');
  const typed = checkMediaType(requestHeaders);
  if (!typed.ok) return typed;
  const body = await bodyOf(c, readChunks, LINK_BODY_BYTES_MAX);
  if (!body.ok) return body;
  const value = parsePlain(body.value);
  if (value === undefined) return fail(ownFault('malformed_json', 'The body is not valid JSON.'));
  const read = linkSchema().safeParse(value);
  if (!read.success || repeatsKey(body.value)) {
    return fail(ownFault('invalid_patch', 'The body must be {"targets": {…}, "reason": "…"}.'));
  }
  const { reason } = read.data;
  // As it was written: a schema drops the name `__proto__`.
  const written = isObject(value) && 'targets' in value ? value.targets : undefined;
  const text = JSON.stringify({ id, targets: written });
  const link = wantedLinkReader(c.get('gateway').targets)(text);
  if (!('problem' in link)) return succeed({ ...link, reason });
  return fail(ownFault('invalid_patch', `The link ${link.problem}.`));
}

/** Reads the links of an import, one in a line; the fault names each line that is bad. */
export async function readLinkLines(
  c: Context,
  readChunks: ReadChunks | undefined,
): Promise<Result<readonly WantedLink[]>> {
  const { 'content-type': type = '', 'content-encoding': encoding } = c.get('state').requestHeaders;
  if (!LINES.test(type) || encoding !== undefined) {
    const detail = `The body must be ${LINES_TYPE}, in UTF-8, uncompressed.`;
    return fail(ownFault('unsupported_media_type', detail));
  }
  const body = await bodyOf(c, readChunks, LINK_IMPORT_BYTES_MAX);
  return body.ok ? linksIn(body.value, c.get('gateway').targets) : body;
}

const LINES = /^application\/x-ndjson(?:\s*;\s*charset\s*=\s*"?utf-?8"?)?\s*$/i;

function bodyOf(c: Context, readChunks: ReadChunks | undefined, bytesMax: number) {
  const length = c.get('state').requestHeaders['content-length'];
  return readBody({ request: c.req.raw, length, bindings: c.env }, bytesMax, readChunks);
}

function linksIn(text: string, targets: Targets): Result<readonly WantedLink[]> {
  const readLine = wantedLinkReader(targets);
  const lines = text.split('\n');
  const links = new Map<string, WantedLink>();
  const errors: FieldError[] = [];
  let bad = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const link = line.length > LINK_LINE_BYTES_MAX ? TOO_LONG : readLine(line);
    const isRepeated = !('problem' in link) && links.has(link.id);
    if (!('problem' in link) && !isRepeated) {
      links.set(link.id, link);
      continue;
    }
    bad += 1;
    if (errors.length >= LINK_PROBLEMS_MAX) continue;
    const problem = 'problem' in link ? link.problem : 'links an id that another line links';
    const detail = `Line ${index + 1} ${problem}.`;
    errors.push({ pointer: `/${index + 1}`, code: 'constraint_violated', detail });
  }
  if (bad > 0) {
    const detail = `${bad} lines are bad; nothing was changed.`;
    return fail(ownFault('invalid_patch', detail, { errors }));
  }
  if (links.size > 0 && links.size <= LINK_IMPORT_LINES_MAX) return succeed([...links.values()]);
  const detail = `An import has 1 to ${LINK_IMPORT_LINES_MAX} links; this one has ${links.size}.`;
  return fail(ownFault('invalid_patch', detail));
}

const TOO_LONG = { problem: `is longer than ${LINK_LINE_BYTES_MAX} bytes` };

/** Creates a function that reads one line; each upstream id must be one that its target has. */
function wantedLinkReader(targets: Targets): (text: string) => WantedLink | { problem: string } {
  const names = [...targets.keys()];
  const positions = new Map(names.map((name, position) => [name, position]));
  return (text) => {
    const line = parseLinkLine(text, positions);
    if ('problem' in line) return line;
    const linked: [string, string][] = [];
    for (const { position, upstreamId } of line.targets) {
      const name = names[position] ?? '';
      const expected = targets.get(name)?.connection.validateId(upstreamId);
      if (expected !== undefined) {
        return { problem: `has an id at the target ${name} that is not ${expected}` };
      }
      linked.push([name, upstreamId]);
    }
    return { id: line.id, targets: Object.fromEntries(linked) };
  };
}
