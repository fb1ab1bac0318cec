import { Agent, request as httpRequest } from 'node:http';

/** One request of a caller to the gateway. */
export type Ask = {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly path: string;
  readonly body?: string;
};

/** How it ended, as the caller saw it; `status` 0: without an answer. */
export type Asked = { readonly status: number; readonly code: string; readonly durationMs: number };

export type Caller = {
  readonly ask: (ask: Ask) => Promise<Asked & { readonly text: string }>;
  readonly close: () => void;
};

const ANSWER_MS_MAX = 40_000;

export function createCaller(origin: string): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const { hostname, port } = new URL(origin);
  return {
    close: () => agent.destroy(),
    ask: ({ body, method, path }) =>
      new Promise((resolve) => {
        const startMs = performance.now();
        const end = (status: number, text: string): void => {
          const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
          resolve({ status, code, text, durationMs: performance.now() - startMs });
        };
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const options = { agent, hostname, port, path, method, headers, timeout: ANSWER_MS_MAX };
        const request = httpRequest(options, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.once('end', () => end(response.statusCode ?? 0, text));
          response.once('error', () => end(0, ''));
        });
        request.once('timeout', () => request.destroy());
        request.once('error', (error: NodeJS.ErrnoException) => {
          const where = request.reusedSocket ? 'used_connection' : 'new_connection';
          end(0, `"code":"${error.code ?? error.name}_${where}"`);
        });
        request.end(body);
      }),
  };
}

/**
 * Asks at a steady rate whatever the answers take, until the returned function is called; that
 * waits for the last answers.
 */
export function askSteadily(perSecond: number, next: () => Promise<unknown>): () => Promise<void> {
  const everyMs = 1000 / perSecond;
  const underWay = new Set<Promise<unknown>>();
  const startMs = performance.now();
  let asked = 0;
  const timer = setInterval(
    () => {
      while (asked * everyMs < performance.now() - startMs) {
        asked += 1;
        const answer = next().finally(() => underWay.delete(answer));
        underWay.add(answer);
      }
    },
    Math.max(1, everyMs / 2),
  );
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
  };
}

/** The value below which `share` of `values` are. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
