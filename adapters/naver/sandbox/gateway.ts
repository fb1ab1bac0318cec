import type { Context, MiddlewareHandler } from 'hono';
import { readBody } from '../../sandbox-kit/request-body.ts';

/** The variables that the gateway passes to the service behind it. */
export type SandboxEnv = {
  Variables: { readonly requestId: string; readonly body: Uint8Array };
};

/** A key pair that the sandbox's account issued, and what its policy grants. */
type Credential = { readonly secretKey: string; readonly writes: boolean };

export const SANDBOX_KEY_PAIR = {
  accessKey: 'SANDBOXNCPACCESSKEY1',
  secretKey: 'sandbox-ncp-secret-key',
} as const;

/** Holds `NCP_EXTERNAL_ACCESS_VIEWER` only: reads, and gets 401/210 for writes. */
export const SANDBOX_VIEWER_KEY_PAIR = {
  accessKey: 'SANDBOXNCPVIEWERKEY1',
  secretKey: 'sandbox-ncp-viewer-key',
} as const;

const CREDENTIALS: ReadonlyMap<string, Credential> = new Map([
  [SANDBOX_KEY_PAIR.accessKey, { secretKey: SANDBOX_KEY_PAIR.secretKey, writes: true }],
  [
    SANDBOX_VIEWER_KEY_PAIR.accessKey,
    { secretKey: SANDBOX_VIEWER_KEY_PAIR.secretKey, writes: false },
  ],
]);

/** Refused when the clocks differ by this or more (management-subaccount, request headers). */
const CLOCK_SKEW_LIMIT_MS = 5 * 60 * 1000;

/** The vendor's number is not documented; code 430 is. Ours is far above any real profile. */
const BODY_BYTES_MAX = 64 * 1024;

/** The API gateway's table: api-gov.ncloud-docs.com, api-call-lgc-errorhandling. */
const GATEWAY_ERRORS = {
  badRequest: { status: 400, errorCode: '100', message: 'Bad Request Exception' },
  authenticationFailed: { status: 401, errorCode: '200', message: 'Authentication Failed' },
  permissionDenied: { status: 401, errorCode: '210', message: 'Permission Denied' },
  notFound: { status: 404, errorCode: '300', message: 'Not Found Exception' },
  requestTooLarge: { status: 413, errorCode: '430', message: 'Request Entity Too Large' },
} as const;

/**
 * An error of the API gateway. The table calls `errorCode` an integer, the sample shows a string:
 * a string here. Its errors have been seen served as `text/plain`, so these are.
 */
export function gatewayError(
  context: Context,
  kind: keyof typeof GATEWAY_ERRORS,
  details?: string,
): Response {
  const { status, errorCode, message } = GATEWAY_ERRORS[kind];
  const error = details === undefined ? { errorCode, message } : { errorCode, message, details };
  return context.body(JSON.stringify({ error }), status, { 'content-type': 'text/plain' });
}

/** Lets a request of a known route through when its signature and its key's policy allow it. */
export function admit(now: () => number, access: 'read' | 'write'): MiddlewareHandler {
  return async (context, next) => {
    const headers = context.req.raw.headers;
    const timestamp = headers.get('x-ncp-apigw-timestamp');
    const accessKey = headers.get('x-ncp-iam-access-key');
    const signature = headers.get('x-ncp-apigw-signature-v2');
    const failed = (details: string) => gatewayError(context, 'authenticationFailed', details);

    if (!timestamp || !accessKey || !signature) {
      return failed('Authentication information are missing.');
    }
    const skewMs = Math.abs(now() - Number(timestamp));
    if (!/^\d{1,16}$/.test(timestamp) || skewMs >= CLOCK_SKEW_LIMIT_MS) {
      return failed('Expired timestamp.');
    }
    const credential = CREDENTIALS.get(accessKey);
    if (!credential) return failed('Invalid access key.');
    const line = `${context.req.method} ${pathAsSent(context.req.url)}`;
    const signed = `${line}\n${timestamp}\n${accessKey}`;
    if (signature !== (await sign(credential.secretKey, signed))) {
      return failed('Invalid signature.');
    }
    if (access === 'write' && !credential.writes) {
      return gatewayError(context, 'permissionDenied', 'A subscription or permission is required.');
    }
    return next();
  };
}

/** Refuses a path that is no valid percent-encoding (code 100 covers protocol and encoding). */
export const refuseBadEncoding: MiddlewareHandler = async (context, next) => {
  try {
    decodeURIComponent(pathAsSent(context.req.url));
  } catch {
    return gatewayError(context, 'badRequest');
  }
  return next();
};

/** Reads the body for the service, and refuses one that is too long. */
export const takeBody: MiddlewareHandler<SandboxEnv> = async (context, next) => {
  const { bytes, isTooLarge } = await readBody(context.req.raw, BODY_BYTES_MAX);
  if (isTooLarge) return gatewayError(context, 'requestTooLarge');
  context.set('body', bytes);
  return next();
};

/** Path and query of a URL without re-encoding them, since the signature covers what was sent. */
function pathAsSent(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3)).replace(/#.*$/, '');
}

/**
 * Base64 of HMAC-SHA256, written apart from the adapter's own signing so that the one cannot hide
 * a mistake of the other.
 */
async function sign(secretKey: string, text: string): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', utf8.encode(secretKey), algorithm, false, [
    'sign',
  ]);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8.encode(text)));
  return btoa(String.fromCharCode(...mac));
}
