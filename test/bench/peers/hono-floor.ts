import { serve } from '@hono/node-server';
import { zValidator } from '@hono/zod-validator';
import { Hono } from 'hono';
import { Pool } from 'undici';
// biome-ignore lint/style/noRestrictedImports: the floor is what most people write first.
import * as z from 'zod';
import { CONNECTIONS_MAX, type Patch, settings } from './vendors.ts';

/** The same translator with Hono, its validator and undici as their documents show them. */

const { port, upstream, vendor } = settings();
const pool = new Pool(upstream, { connections: CONNECTIONS_MAX });
const app = new Hono();

const body = z.strictObject({
  name: z.string().min(3).max(30).optional(),
  description: z.string().max(300).optional(),
  status: z.enum(['active', 'inactive', 'on_leave', 'terminated']).optional(),
  attributes: z.record(z.string(), z.string().nullable()).optional(),
  extensions: z
    .strictObject({
      naver: z
        .strictObject({ durationSeconds: z.int().min(600).max(43_200).optional() })
        .optional(),
    })
    .optional(),
});

app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.patch('/profiles/:id', zValidator('json', body), async (c) => {
  const id = c.req.param('id');
  const patch = c.req.valid('json') as Patch;
  const answer = await pool.request(vendor.encode(id, patch));
  const text = await answer.body.text();
  if (answer.statusCode >= 300) return c.json({ status: answer.statusCode }, 502);
  return c.json(vendor.decode(id, text) as object);
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });
