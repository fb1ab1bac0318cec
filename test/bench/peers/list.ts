import { createServer, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { CONNECTIONS_MAX, nermProfile, settings } from './vendors.ts';

/** A list by hand: each page is fetched, parsed, mapped and written, and nothing else is done. */

const { port, upstream } = settings();
type Stored = Parameters<typeof nermProfile>[1] & { readonly id: string };
const pool = new Pool(upstream, { connections: CONNECTIONS_MAX });

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://peer');
  if (pathname !== '/profiles') answer(response, pathname === '/healthz' ? 200 : 404, '{}');
  else list(searchParams, response).catch(() => answer(response, 502, '{}'));
}).listen(port, '127.0.0.1');

async function list(query: URLSearchParams, response: ServerResponse): Promise<void> {
  const afterId = query.get('cursor') ?? '';
  const answered = await pool.request({
    method: 'GET',
    path: `/api/profiles?after_id=${afterId}&limit=${query.get('limit')}`,
    headers: { accept: 'application/json', authorization: 'Bearer bench-token' },
  });
  const text = await answered.body.text();
  if (answered.statusCode === 400) return answer(response, 200, JSON.stringify({ profiles: [] }));
  const { profiles }: { readonly profiles: readonly Stored[] } = JSON.parse(text);
  const items = profiles.map((stored) => nermProfile(`nerm:${stored.id}`, stored));
  const next = profiles.at(-1)?.id;
  response.setHeader('link', `</profiles?limit=${query.get('limit')}&cursor=${next}>; rel="next"`);
  answer(response, 200, JSON.stringify({ profiles: items, next }));
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
