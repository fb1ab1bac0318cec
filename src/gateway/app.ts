import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { requestId } from 'hono/request-id';
import type { Adapter } from '../contract/index.ts';
import { allow, loopbackHostOnly } from './access.ts';
import { ACCEPT_PATCH } from './body.ts';
import { capabilitiesOf } from './capabilities.ts';
import { createDoubts } from './doubt.ts';
import type { Gateway } from './gateway.ts';
import { jsonText, note, problem } from './http.ts';
import type { Ports } from './ports.ts';
import { ownFault } from './problem.ts';
import { profileRoutes } from './profile-routes.ts';

/** Paths and their methods; HEAD follows GET. */
const METHODS: readonly (readonly [path: string, methods: string])[] = [
  ['/profiles/:id', 'GET, HEAD, PATCH, OPTIONS'],
  ['/profiles/:id/explain', 'POST, OPTIONS'],
  ['/capabilities', 'GET, HEAD, OPTIONS'],
  ['/capabilities/:target', 'GET, HEAD, OPTIONS'],
  ['/healthz', 'GET, HEAD, OPTIONS'],
];

export type AppOptions = {
  readonly adapters: readonly Adapter[];
  readonly ports: Ports;
  /** The version of the configuration in force; undefined while there is none. */
  readonly gateway: () => Gateway | undefined;
};

/** The whole HTTP interface over the given ports; the same on every runtime. */
export function createApp({ adapters, gateway, ports }: AppOptions): Hono {
  const app = new Hono();
  const doubts = createDoubts();
  app.use(requestId({ limitLength: 128 }), logged(ports));
  app.get('/healthz', (c) => jsonText(c, { status: 'ok' }));
  app.use(configured(gateway), loopbackHostOnly);
  profileRoutes(app, adapters, ports, doubts);

  app.get('/capabilities', allow('profiles:read'), (c) =>
    jsonText(c, { targets: [...c.get('gateway').targets.values()].map(capabilitiesOf) }),
  );
  app.get('/capabilities/:target', allow('profiles:read'), (c) => {
    const target = c.get('gateway').targets.get(c.req.param('target'));
    if (target !== undefined) return jsonText(c, capabilitiesOf(target));
    return problem(c, ownFault('unknown_target', 'No target has this name.'));
  });

  for (const [path, methods] of METHODS) app.all(path, otherMethods(path, methods));
  app.notFound((c) => problem(c, ownFault('not_found', 'No such path: see GET /capabilities.')));
  app.onError((error, c) => {
    // Only the kind of a bug is told: its message may quote anything.
    note(c, { message: error.name });
    return problem(
      c,
      ownFault('internal', 'The gateway failed; the request id finds it in the log.'),
    );
  });
  return app;
}

/** One log line per request, written when its answer is ready, also for a caller that has gone. */
function logged(ports: Ports): MiddlewareHandler {
  return async function logged(c, next) {
    const startMs = ports.now();
    c.set('startMs', startMs);
    c.set('record', {});
    await next();
    const { status } = c.res;
    ports.log({
      level: status >= 500 ? 'error' : 'info',
      event: 'request',
      requestId: c.get('requestId'),
      method: c.req.method,
      status,
      ...c.get('record'),
      durationMs: ports.now() - startMs,
    });
  };
}

function configured(gateway: () => Gateway | undefined): MiddlewareHandler {
  return async function configured(c, next) {
    const current = gateway();
    if (current === undefined) {
      return problem(c, ownFault('not_configured', 'The gateway has no configuration yet.'));
    }
    c.set('gateway', current);
    return next();
  };
}

function otherMethods(path: string, methods: string): (c: Context) => Response {
  return (c) => {
    c.header('Allow', methods);
    if (path === '/profiles/:id') c.header('Accept-Patch', ACCEPT_PATCH);
    if (c.req.method === 'OPTIONS') return c.body(null, 204);
    return problem(c, ownFault('method_not_allowed', `The path takes ${methods}.`));
  };
}
