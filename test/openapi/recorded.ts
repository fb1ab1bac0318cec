import { appendFileSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';

/** A request of a test and its answer, as they were on the wire. */
export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly answer: {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly text: string;
  };
};

/** The environment variable that names the file of recorded exchanges. */
export const RECORD_TO = 'RECORD_EXCHANGES_TO';

/** Appends an exchange to the file that the environment names; does nothing without one. */
export function recordExchange({ body, answer, ...request }: Exchange): void {
  const file = process.env[RECORD_TO];
  if (file === undefined) return;
  const { headers, status, text } = answer;
  const bytes = body === undefined ? null : Buffer.from(body).toString('base64');
  appendFileSync(
    file,
    `${JSON.stringify({ ...request, body: bytes, answer: { headers, status, text } })}\n`,
  );
}

/** Records a request with its response, whose body is `text`. */
export function recordResponse(
  request: Omit<Exchange, 'answer'>,
  { headers, status }: Response,
  text: string,
): void {
  recordExchange({ ...request, answer: { headers: Object.fromEntries(headers), status, text } });
}

/** Reads a file of exchanges; of those that differ in ids and times alone it returns the first. */
export function readExchanges(file: string): Exchange[] {
  const seen = new Map<string, Exchange>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { body, ...exchange } = JSON.parse(line);
    const { answer, headers, method, path } = exchange;
    const key = JSON.stringify([method, path, headers, body, answer.status, shapeOf(answer.text)]);
    const bytes = body === null ? undefined : Buffer.from(body, 'base64');
    if (!seen.has(key)) seen.set(key, { ...exchange, body: bytes });
  }
  return [...seen.values()];
}

/** A text without the parts that each answer has anew. */
function shapeOf(text: string): string {
  return text.replaceAll(/[0-9a-f]{8,}(?:-[0-9a-f]+)*|\d+/g, '');
}
