import Fastify from 'fastify';
import { Pool } from 'undici';
import { CONNECTIONS_MAX, type Patch, settings } from './vendors.ts';

/** A translator by hand with Fastify's own validation: no callers, losses, locks, log or metrics. */

const { port, upstream, vendor } = settings();
const pool = new Pool(upstream, { connections: CONNECTIONS_MAX });
const app = Fastify();

const body = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 3, maxLength: 30 },
    description: { type: 'string', maxLength: 300 },
    status: { enum: ['active', 'inactive', 'on_leave', 'terminated'] },
    attributes: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
    extensions: {
      type: 'object',
      additionalProperties: false,
      properties: {
        naver: {
          type: 'object',
          additionalProperties: false,
          properties: { durationSeconds: { type: 'integer', minimum: 600, maximum: 43_200 } },
        },
      },
    },
  },
};

app.addContentTypeParser(
  'application/merge-patch+json',
  { parseAs: 'string' },
  app.getDefaultJsonParser('error', 'error'),
);
app.get('/healthz', () => ({ status: 'ok' }));
app.patch<{ Params: { id: string }; Body: Patch }>(
  '/profiles/:id',
  { schema: { body } },
  async (request, reply) => {
    const { id } = request.params;
    const before = vendor.read && (await pool.request(vendor.read(id)));
    const stored = await before?.body.text();
    const answer = await pool.request(vendor.encode(id, request.body, stored));
    const text = await answer.body.text();
    if (answer.statusCode >= 300) return reply.code(502).send({ status: answer.statusCode });
    return vendor.decode(id, text);
  },
);
await app.listen({ host: '127.0.0.1', port });
