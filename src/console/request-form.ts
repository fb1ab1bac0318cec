import type { Context } from 'hono';
import { type Fault, fail, ownFault, type Result, succeed } from '../adapter-kit/index.ts';
import { readBody } from '../http/middleware/patch-body.ts';
import type { ReadChunks } from '../ports.ts';
import type { ConsoleSession } from './session.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Reads a form that a page of this session has sent; any other one is rejected. */
export async function readForm(
  c: Context,
  { csrf }: ConsoleSession,
  bytesMax: number,
  readChunks: ReadChunks | undefined,
): Promise<Result<URLSearchParams>> {
  const { findHeader, requestHeaders } = c.get('state');
  if (!isOfThisOrigin(c)) return fail(foreignForm());
  const type = requestHeaders['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) {
    return fail(ownFault('unsupported_media_type', `A form is sent as ${FORM_TYPE}.`));
  }
  const source = { request: c.req.raw, length: findHeader('content-length'), bindings: c.env };
  const body = await readBody(source, bytesMax, readChunks);
  if (!body.ok) return body;
  const form = new URLSearchParams(body.value);
  return isSameText(form.get('csrf') ?? '', csrf) ? succeed(form) : fail(foreignForm());
}

/** Reports whether a page of this very origin sends the request, as far as a browser shows it. */
function isOfThisOrigin(c: Context): boolean {
  const { host, origin, 'sec-fetch-site': site } = c.get('state').requestHeaders;
  if (site !== undefined) return site === 'same-origin';
  if (origin === undefined) return true;
  return URL.parse(origin)?.host === (host ?? new URL(c.req.url).host);
}

function foreignForm(): Fault {
  const detail =
    'The form does not belong to this session, which may have ended: load the page again. ' +
    'Off this machine browsers keep the session only over https.';
  return ownFault('forbidden', detail);
}

/** Compares texts in a time that does not depend on where they differ. */
function isSameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0 && a !== '';
}
