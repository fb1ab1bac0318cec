import type { Context } from 'hono';
import {
  type Fault,
  type FaultCode,
  fail,
  ownFault,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import type { InFlight } from '../http/in-flight.ts';
import { readBody } from '../http/middleware/patch-body.ts';
import type { ReadChunks } from '../ports.ts';
import type { ConsoleSession } from './session.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Ports that read bodies of forms, and bound the memory that they hold in all. */
export type FormPorts = {
  readonly readChunks: ReadChunks | undefined;
  readonly inFlight: InFlight;
};

/** Reads a form that a page of this session has sent; any other one is rejected. */
export async function readForm(
  c: Context,
  { csrf }: ConsoleSession,
  bytesMax: number,
  { inFlight, readChunks }: FormPorts,
): Promise<Result<URLSearchParams>> {
  const state = c.get('state');
  const { requestHeaders } = state;
  if (!isOfThisOrigin(c)) return fail(foreignForm());
  const type = requestHeaders['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) {
    return fail(ownFault('unsupported_media_type', `A form is sent as ${FORM_TYPE}.`));
  }
  const length = requestHeaders['content-length'];
  const declared = Number(length ?? bytesMax);
  const expected = declared >= 0 && declared <= bytesMax ? declared : bytesMax;
  // Held until the answer is ready: the form is in memory until the API has done what it asks.
  if (!inFlight.hold(state, expected)) return fail(noRoomForForm());
  const source = { request: c.req.raw, length, bindings: c.env };
  const body = await readBody(source, bytesMax, readChunks);
  if (!body.ok) return body;
  inFlight.hold(state, body.value.length);
  const form = new URLSearchParams(body.value);
  return isSameText(form.get('csrf') ?? '', csrf) ? succeed(form) : fail(foreignForm());
}

/** Returns the status of the page that says why a form was refused. */
export function refusedStatus(code: FaultCode): number {
  return REFUSED_STATUS[code] ?? 403;
}

const REFUSED_STATUS: Readonly<Partial<Record<FaultCode, number>>> = {
  body_too_large: 413,
  overloaded: 503,
  unauthenticated: 401,
};

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

function noRoomForForm(): Fault {
  const detail = 'The forms in flight hold too much memory; nothing was done.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
}

/** Compares texts in a time that does not depend on where they differ. */
function isSameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0 && a !== '';
}
