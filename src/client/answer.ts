import type { Problem, TransportCode } from './schemas.ts';

/** The end of one request, or of its last repeat. */
export type Answer =
  | {
      readonly kind: 'success';
      readonly status: number;
      readonly headers: Headers;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly headers: Headers;
      readonly problem: Problem;
    }
  | { readonly kind: 'none'; readonly code: TransportCode };

/** Longest body that is read; the gateway's own are shorter. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a response. What is not the gateway's own form comes from something between, which says
 * nothing about the write: `no_response`.
 */
export async function readAnswer(response: Response): Promise<Answer> {
  const { headers, status } = response;
  if (status === 204 || status === 304) return { kind: 'success', status, headers, body: {} };
  const body = parseObject(await readText(response));
  if (body === undefined) return { kind: 'none', code: 'no_response' };
  if (status >= 200 && status < 300) return { kind: 'success', status, headers, body };
  const { code, requestId } = body;
  if (typeof code !== 'string' || typeof requestId !== 'string') {
    return { kind: 'none', code: 'no_response' };
  }
  return { kind: 'problem', status, headers, problem: typed<Problem>(body) };
}

/** Returns a body of the gateway with the type that its interface gives it. */
export function typed<T>(body: unknown): T {
  return body as T;
}

/** Reads a body as text; undefined for one that is too long. Rejects where it breaks off. */
async function readText(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > BODY_BYTES_MAX) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
