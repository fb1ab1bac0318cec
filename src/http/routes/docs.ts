import { ownFault } from '../../adapter-kit/index.ts';
import { namesTag, parseEntityTags } from '../../profiles/conditions.ts';
import type { Handler } from '../pipeline.ts';
import { emptyAnswer, respond, respondProblem, setResponseHeader } from '../responses.ts';

/** A file of the reference page; `etag` changes with its bytes, of which there is one copy. */
export type DocsFile = {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
};

/** Returns a file by its name, the page itself by ''; undefined if there is none, or it is off. */
export type FindDocsFile = (name: string) => Promise<DocsFile | undefined>;

/** Everything comes from the gateway itself, and nothing that stands in the page may run. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FILES = /^\/docs(?:\/([\w.-]+))?$/;

/** `GET /docs` and its files: the reference page, which is as public as `/openapi.json`. */
export function showDocs(find: FindDocsFile): Handler {
  return async (c) => {
    const [found, name = ''] = FILES.exec(c.req.path) ?? [];
    const file = found === undefined ? undefined : await find(name);
    if (file === undefined) {
      return respondProblem(c, ownFault('not_found', 'There is no such page.'));
    }
    setResponseHeader(c, 'Content-Security-Policy', CONTENT_POLICY);
    setResponseHeader(c, 'X-Content-Type-Options', 'nosniff');
    setResponseHeader(c, 'Referrer-Policy', 'no-referrer');
    setResponseHeader(c, 'Cache-Control', 'no-cache');
    setResponseHeader(c, 'ETag', file.etag);
    const tags = parseEntityTags(c.get('state').requestHeaders['if-none-match'] ?? '');
    if (tags !== undefined && namesTag(tags, file.etag, true)) return emptyAnswer(c, 304);
    return respond(c, 200, file.type, file.bytes);
  };
}
