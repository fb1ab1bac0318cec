import * as z from 'zod/mini';
import { EXIT, stop } from '../../command-line.ts';

/** Requests to the admin API; one that fails ends the process with words. */
export type AdminClient = {
  readonly get: <S extends z.ZodMiniType>(path: string, schema: S) => Promise<z.infer<S>>;
  readonly post: <S extends z.ZodMiniType>(
    path: string,
    body: { readonly json: object } | { readonly lines: string },
    schema: S,
  ) => Promise<z.infer<S>>;
};

/** Longest wait for one answer. */
const ANSWER_MS_MAX = 120_000;

const adminProblemSchema = z.object({
  code: z.string(),
  detail: z.exactOptional(z.string()),
  errors: z.exactOptional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
});

/** Reads the address of a gateway; undefined where it is none. */
export function readAdminUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Creates a client that sends a key, where there is one. */
export function createAdminClient(url: URL, key: string | undefined): AdminClient {
  const root = url.href.replace(/\/$/, '');
  const authorization: Record<string, string> =
    key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` };

  const ask = async <S extends z.ZodMiniType>(
    path: string,
    init: { method: string; body?: string; headers?: Record<string, string> },
    schema: S,
  ): Promise<z.infer<S>> => {
    const headers = { ...authorization, ...init.headers };
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    // A redirect could take the key to another host.
    const redirect = 'error';
    const answer = await fetch(root + path, { ...init, headers, signal, redirect })
      .then(async (response) => ({ isOk: response.ok, text: await response.text() }))
      .catch((error: unknown) => stop(EXIT.unavailable, [`${root}: ${causeOf(error)}`]));
    const value = valueIn(answer.text);
    if (!answer.isOk) return stop(EXIT.unavailable, problemLines(value));
    const read = schema.safeParse(value);
    return read.success ? read.data : stop(EXIT.unavailable, [`${root}: answers something else`]);
  };

  return {
    get: (path, schema) => ask(path, { method: 'GET' }, schema),
    post: (path, body, schema) => {
      const [type, text] =
        'json' in body
          ? ['application/json', JSON.stringify(body.json)]
          : ['application/x-ndjson', body.lines];
      return ask(path, { method: 'POST', body: text, headers: { 'content-type': type } }, schema);
    },
  };
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemLines(value: unknown): string[] {
  const read = adminProblemSchema.safeParse(value);
  if (!read.success) return ['the gateway answers something else: is it the right --url?'];
  const { code, detail = '', errors = [] } = read.data;
  return [`${code}: ${detail}`, ...errors.map((error) => `${error.pointer}: ${error.detail}`)];
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : 'no answer';
}
