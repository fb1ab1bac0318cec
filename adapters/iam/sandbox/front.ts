import type { Context } from 'hono';
import { gatewayError } from './answers.ts';

/** Limits of the gateway in front (API Gateway user guide, Error Codes, APIG.0201). */
export const GATEWAY_BODY_BYTES_MAX = 12 * 1024 * 1024;
const HEADER_CHARACTERS_MAX = 32 * 1024;
const HEADERS_CHARACTERS_MAX = 128 * 1024;

/** Middleware: 494 where a header, or all of them, are too large for the gateway in front. */
export async function refuseLargeHeaders({ req }: Context, next: () => Promise<void>) {
  let characters = 0;
  for (const [name, value] of req.raw.headers) {
    characters += name.length + value.length;
    if (value.length > HEADER_CHARACTERS_MAX || characters > HEADERS_CHARACTERS_MAX) {
      return gatewayError(494, 'APIGW.0201', 'Request header too large');
    }
  }
  return next();
}
