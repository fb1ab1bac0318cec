import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createSandbox as createKeystone } from '../../adapters/keystone/sandbox/index.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';
import {
  createSandbox as createSenlin,
  type SenlinSettings,
} from '../../adapters/senlin/sandbox/index.ts';

/** A fresh pair of sandboxes on a loopback port. `close` also ends open connections. */
export type ServedSandboxes = {
  readonly keystone: Sandbox;
  readonly senlin: Sandbox;
  readonly origin: string;
  readonly close: () => Promise<void>;
};

/** Serves both sandboxes below `/keystone` and `/senlin` of one origin. */
export async function serveSandboxes(
  now: () => number = Date.now,
  settings?: () => SenlinSettings,
): Promise<ServedSandboxes> {
  const made = new Map<string, Sandbox>();
  const peer = (folder: string): Sandbox => {
    const found = made.get(folder);
    if (found === undefined) throw new Error(`no sandbox ${folder}`);
    return found;
  };
  const options = (basePath: string) => ({ basePath, now, peer });
  const keystone = createKeystone(options('/keystone'));
  made.set('keystone', keystone);
  const senlin = createSenlin({
    ...options('/senlin'),
    ...(settings === undefined ? {} : { settings }),
  });
  made.set('senlin', senlin);

  const fetch = (request: Request): Response | Promise<Response> => {
    const folder = new URL(request.url).pathname.split('/')[1] ?? '';
    return made.get(folder)?.fetch(request) ?? new Response('no such sandbox', { status: 404 });
  };
  const server = createAdaptorServer({ fetch });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { keystone, senlin, origin: `http://127.0.0.1:${port}`, close };
}
