import type { Context, Hono } from 'hono';
import { HonoBase } from 'hono/hono-base';
import type { BlankEnv, BlankSchema } from 'hono/types';
import { type Adapter, ownFault } from '../adapter-kit/index.ts';
import { mayUse } from '../auth/permissions.ts';
import { createRateLimiter } from '../auth/rate-limiter.ts';
import type { ConfigSnapshot } from '../config/snapshot.ts';
import type { Ports } from '../ports.ts';
import { capabilitiesOf } from '../profiles/capabilities.ts';
import { foreignTarget } from '../routing/resolve.ts';
import { createInDoubtRegistry } from '../state/in-doubt.ts';
import { fieldLabels, METRICS_TYPE } from '../telemetry/metrics.ts';
import { rejectOnOtherListener } from './listener.ts';
import { callerHas } from './middleware/authenticate.ts';
import { refuseForeignHost } from './middleware/loopback-guard.ts';
import { patchValidator } from './middleware/profile-request.ts';
import { openApiRoute } from './openapi/document.ts';
import { createPathRouter } from './path-router.ts';
import { allowOf, PATHS, pathOf } from './paths.ts';
import { type AddRoute, createServe, type Handler } from './pipeline.ts';
import { ACCEPT_PATCH } from './request-body.ts';
import {
  emptyAnswer,
  jsonText,
  respond,
  respondInternalError,
  respondProblem,
  setResponseHeader,
} from './responses.ts';
import { adminRoutes, type Process, readyz } from './routes/admin.ts';
import { explainRoutes } from './routes/explain.ts';
import { meterTargets } from './routes/metrics.ts';
import { problemTypeRoute } from './routes/problems.ts';
import { profileRoutes } from './routes/profiles.ts';

export type AppOptions = {
  readonly adapters: readonly Adapter[];
  readonly ports: Ports;
  readonly gateway: CurrentGateway;
  readonly process?: Process;
};

/** The version of the configuration in force; undefined while there is none. */
type CurrentGateway = () => ConfigSnapshot | undefined | Promise<ConfigSnapshot | undefined>;

/** The whole HTTP interface over the given ports; the same on every runtime. */
export function createApp({ adapters, gateway, ports, process = {} }: AppOptions): Hono {
  const app: Hono = new HonoBase<BlankEnv, BlankSchema, '/'>({ router: createPathRouter() });
  const doubts = ports.doubts ?? createInDoubtRegistry();
  const serve = createServe(ports, fieldLabels(adapters));
  const healthy: Handler = (c) => jsonText(c, { status: 'ok' });
  app.get('/healthz', serve('/healthz', healthy));
  app.get('/openapi.json', serve('/openapi.json', openApiRoute(adapters)));
  const { isBehindFront, now, send, sleep } = ports;
  const admit = isBehindFront === true ? undefined : createRateLimiter(now);
  const entry: readonly Handler[] = [rejectOnOtherListener, entered(gateway), refuseForeignHost];
  const add: AddRoute = (method, path, scope, ...gates) => {
    const allowed = callerHas(scope, { now, send, sleep, admit });
    app.on(method, path, serve(path, ...entry, allowed, ...gates));
  };
  const validPatch = patchValidator(adapters);
  profileRoutes(add, validPatch, ports, doubts);
  explainRoutes(add, validPatch, ports, doubts);
  app.get('/readyz', serve('/readyz', ...entry, readyz(process)));
  adminRoutes(add, ports, process);

  add('GET', '/capabilities', 'profiles:read', (c) => {
    const { caller } = c.get('state');
    const targets = [...c.get('gateway').targets.values()];
    const usable = targets.filter(({ name }) => mayUse(caller, name));
    return jsonText(c, { targets: usable.map(capabilitiesOf) });
  });
  add('GET', '/capabilities/:target', 'profiles:read', (c) => {
    const name = c.req.param('target') ?? '';
    if (!mayUse(c.get('state').caller, name)) return respondProblem(c, foreignTarget());
    const target = c.get('gateway').targets.get(name);
    if (target !== undefined) return jsonText(c, capabilitiesOf(target));
    return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
  });

  const { meter } = ports;
  if (meter !== undefined) {
    add('GET', '/metrics', 'admin', async (c) => {
      meterTargets(c.get('gateway').targets, meter);
      return respond(c, 200, METRICS_TYPE, await meter.exposition());
    });
  }

  app.get('/problems/:code', serve('/problems/:code', problemTypeRoute));
  app.notFound(serve(undefined, ...entry, unserved(meter !== undefined)));
  app.onError(respondInternalError);
  return app;
}

/** Gives a request the version of the configuration that it keeps to its end. */
function entered(gateway: CurrentGateway): Handler {
  const enter = (c: Context, current: ConfigSnapshot | undefined): Response | undefined => {
    if (current === undefined) {
      return respondProblem(c, ownFault('not_configured', 'The gateway has no configuration yet.'));
    }
    c.set('gateway', current);
    c.get('state').record.version = current.version;
    return undefined;
  };
  return (c) => {
    const current = gateway();
    return current instanceof Promise ? current.then((now) => enter(c, now)) : enter(c, current);
  };
}

/** Answers what no route takes: another method of a path, or no path at all. */
function unserved(hasMetrics: boolean): (c: Context) => Response {
  return (c) => {
    const path = pathOf(c.req.path);
    if (path === undefined || (path === '/metrics' && !hasMetrics)) {
      return respondProblem(c, ownFault('not_found', 'No such path: see GET /capabilities.'));
    }
    const methods = allowOf(PATHS[path]);
    setResponseHeader(c, 'Allow', methods);
    if (path === '/profiles/:id') setResponseHeader(c, 'Accept-Patch', ACCEPT_PATCH);
    if (c.req.method === 'OPTIONS') return emptyAnswer(c, 204);
    return respondProblem(c, ownFault('method_not_allowed', `The path accepts ${methods}.`));
  };
}
