import Fastify from 'fastify';
import { Pool } from 'undici';
import { CONNECTIONS_MAX, type Patch, settings } from './vendors.ts';

/** As lean as a translator with Fastify gets: its own parser of JSON, and the least of a schema. */

const { port, upstream, vendor } = settings();
const pool = new Pool(upstream, { connections: CONNECTIONS_MAX });
const app = Fastify();

app.get('/healthz', () => ({ status: 'ok' }));
app.patch<{ Params: { id: string }; Body: Patch }>(
  '/profiles/:id',
  { schema: { body: { type: 'object' } } },
  async (request, reply) => {
    const { id } = request.params;
    const answer = await pool.request(vendor.encode(id, request.body));
    const text = await answer.body.text();
    if (answer.statusCode >= 300) return reply.code(502).send({ status: answer.statusCode });
    return vendor.decode(id, text);
  },
);
await app.listen({ host: '127.0.0.1', port });
