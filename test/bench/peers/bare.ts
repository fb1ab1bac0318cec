import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { CONNECTIONS_MAX, type Patch, settings } from './vendors.ts';

/** The same translator without a framework. */

const { port, upstream, vendor } = settings();
const pool = new Pool(upstream, { connections: CONNECTIONS_MAX });
const PATH = /^\/profiles\/([^/?]+)$/;
const NAMES = new Set(['name', 'description', 'status', 'attributes', 'extensions']);

createServer((request, response) => {
  const [, id] = PATH.exec(request.url ?? '') ?? [];
  if (request.method !== 'PATCH' || id === undefined) {
    answer(response, request.url === '/healthz' ? 200 : 404, {});
    return;
  }
  patch(request, response, decodeURIComponent(id)).catch(() => answer(response, 502, {}));
}).listen(port, '127.0.0.1');

async function patch(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const asked: Patch = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  if (!isPatch(asked)) {
    answer(response, 422, {});
    return;
  }
  const answered = await pool.request(vendor.encode(id, asked));
  const text = await answered.body.text();
  if (answered.statusCode >= 300) answer(response, 502, { status: answered.statusCode });
  else answer(response, 200, vendor.decode(id, text));
}

function isPatch(patch: Patch): boolean {
  const { description, extensions, name } = patch;
  if (!Object.keys(patch).every((member) => NAMES.has(member))) return false;
  if (name !== undefined && (typeof name !== 'string' || name.length > 30)) return false;
  if (description !== undefined && typeof description !== 'string') return false;
  const duration = extensions?.naver?.durationSeconds;
  return duration === undefined || (Number.isInteger(duration) && duration >= 600);
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
