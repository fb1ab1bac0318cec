import { canonicalRequest, stringToSign } from '../sign.ts';
import { ACCOUNT, type SandboxCaller } from './account.ts';
import { gatewayError } from './answers.ts';

/** API Request Signing Guide, FAQ: a signature is valid for 15 minutes. */
const SKEW_MS = 15 * 60 * 1000;
/** Five wrong signatures in a row lock the key for 5 minutes (API Gateway user guide, FAQ on
 * APIG.0301). */
const WRONG_SIGNATURES_MAX = 5;
const LOCK_MS = 5 * 60 * 1000;

const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^\s,]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
const DATE_TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Verifies SDK-HMAC-SHA256 without a scope over the request as it was received. */
export function createSignatureCheck(now: () => number) {
  let wrongInARow = 0;
  let lockedUntilMs = 0;

  return async (
    request: Request,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<SandboxCaller | Response> => {
    const [, accessKey, names = '', signature] =
      AUTHORIZATION.exec(request.headers.get('authorization') ?? '') ?? [];
    const signedNames = names.split(';');
    const dateTime = request.headers.get('x-sdk-date') ?? '';
    const signedAtMs = unixMs(dateTime);
    if (
      signature === undefined ||
      !signedNames.includes('x-sdk-date') ||
      signedAtMs === undefined
    ) {
      return refused('verify aksk signature fail');
    }
    if (accessKey !== ACCOUNT.accessKey) return refused('Get secretKey failed, err:ak not exist');
    if (now() < lockedUntilMs) return refused('AK access failed to reach the limit,forbidden.');
    if (Math.abs(now() - signedAtMs) > SKEW_MS) {
      return gatewayError(
        401,
        'APIGW.0303',
        'Incorrect app authentication information: signature expired',
      );
    }
    const sorted = [...signedNames].sort().join(';') === names;
    if (!sorted || signature !== (await expectedSignature(request, body, signedNames, dateTime))) {
      wrongInARow += 1;
      if (wrongInARow >= WRONG_SIGNATURES_MAX) {
        lockedUntilMs = now() + LOCK_MS;
        wrongInARow = 0;
      }
      return refused('verify aksk signature fail');
    }
    wrongInARow = 0;
    // Calls to IAM name the account in X-Domain-Id (huaweicloud-sdk-go-v3, global_credentials.go).
    // Reading: without it the key acts for a project, as a token with that scope does.
    const isDomain = request.headers.get('x-domain-id') === ACCOUNT.domain.id;
    return { scope: isDomain ? 'domain' : 'project', tokenId: undefined };
  };
}

function refused(reason: string): Response {
  return gatewayError(401, 'APIGW.0301', `Incorrect IAM authentication information: ${reason}`);
}

async function expectedSignature(
  request: Request,
  body: Uint8Array<ArrayBuffer>,
  signedNames: readonly string[],
  dateTime: string,
): Promise<string> {
  const url = new URL(request.url);
  // A request made in process has no Host header; its URL has the value that a client sends.
  const received = (name: string) => request.headers.get(name) ?? (name === 'host' ? url.host : '');
  const signable = {
    method: request.method,
    path: url.pathname + url.search,
    headers: Object.fromEntries(signedNames.map((name) => [name, received(name)])),
  };
  const canonical = canonicalRequest(signable, await sha256Hex(body));
  const text = stringToSign(dateTime, await sha256Hex(utf8(canonical)));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const secret = utf8(ACCOUNT.secretKey);
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return hex(await crypto.subtle.sign('HMAC', key, utf8(text)));
}

function unixMs(dateTime: string): number | undefined {
  if (!DATE_TIME.test(dateTime)) return undefined;
  const parsed = Date.parse(dateTime.replace(DATE_TIME, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(parsed) ? undefined : parsed;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
