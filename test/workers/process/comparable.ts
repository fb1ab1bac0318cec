import type { Answer } from '../../support/client.ts';

/** What a caller may rely on; the others are the servers' own. */
const HEADERS = [
  'accept-patch',
  'allow',
  'content-type',
  'etag',
  'preference-applied',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-gateway-sandbox',
  'x-request-id',
] as const;

/** The parts of an answer that do not depend on the runtime, nor on where it listens. */
export function comparable({ headers, status, text }: Answer) {
  return {
    status,
    // The rest of a wait that began moments ago: large answers are read back for some seconds.
    headers: HEADERS.map((name) => [name, headers[name]?.toString().replace(/^8[5-9]$/, '90')]),
    text: text
      .replace(/"lockScope":"(?:process|global)"/, '"lockScope":"…"')
      .replace(/"deadlineMs":\d+/, '"deadlineMs":0')
      .replace(/"retryAfterSeconds":(?:8[5-9]|90)\b/, '"retryAfterSeconds":90')
      .replace(/"req-[0-9a-f-]{36}"/, '"req-…"')
      // The version hashes the configuration, and with it the ports of the sandboxes.
      .replace(/"version":"[^"]*"/, '"version":"…"')
      .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://sandboxes'),
  };
}
