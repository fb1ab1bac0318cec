import type { Context, Hono } from 'hono';
import { HonoBase } from 'hono/hono-base';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import type { BlankEnv, BlankSchema } from 'hono/types';
import type { Adapter } from '../contract/index.ts';
import { type AccessPorts, type Allow, callerHas, refuseForeignHost } from './access.ts';
import { adminRoutes, type Process, readyz } from './admin-routes.ts';
import { meterTargets } from './admission.ts';
import { ACCEPT_PATCH } from './body.ts';
import { capabilitiesOf } from './capabilities.ts';
import { servedHere } from './door.ts';
import { createDoubts } from './doubt.ts';
import { explainRoutes } from './explain-routes.ts';
import { firstAnswer, type Gate, gated } from './gates.ts';
import type { Gateway } from './gateway.ts';
import { answer, emptyAnswer, header, jsonText, note, problem } from './http.ts';
import { fieldLabels, METRICS_TYPE } from './meter.ts';
import { openApiRoute } from './openapi.ts';
import { allowOf, PATHS } from './paths.ts';
import { foreignTarget, mayUse } from './permissions.ts';
import type { Ports } from './ports.ts';
import { ownFault } from './problem.ts';
import { patchValidator } from './profile-input.ts';
import { profileRoutes } from './profile-routes.ts';
import { createRateLimiter } from './rate-limit.ts';
import { withSignals } from './request-signals.ts';

export type AppOptions = {
  readonly adapters: readonly Adapter[];
  readonly ports: Ports;
  readonly gateway: CurrentGateway;
  readonly process?: Process;
};

/** The version of the configuration in force; undefined while there is none. */
type CurrentGateway = () => Gateway | undefined | Promise<Gateway | undefined>;

/** The whole HTTP interface over the given ports; the same on every runtime. */
export function createApp({ adapters, gateway, ports, process = {} }: AppOptions): Hono {
  // The router that the default class would choose, without those it would try after it.
  const app: Hono = new HonoBase<BlankEnv, BlankSchema, '/'>({ router: new RegExpRouter() });
  const doubts = ports.doubts ?? createDoubts();
  app.use(withSignals(ports, fieldLabels(adapters)));
  app.get('/healthz', (c) => jsonText(c, { status: 'ok' }));
  app.get('/openapi.json', openApiRoute(adapters));
  const { isBehindFront, now, send } = ports;
  const admit = isBehindFront === true ? undefined : createRateLimiter(now);
  const entry: readonly Gate[] = [
    servedHere,
    entered(gateway, { now, send, admit }),
    refuseForeignHost,
  ];
  const allow: Allow = (scope) => [...entry, callerHas(scope)];
  const validPatch = patchValidator(adapters);
  profileRoutes(app, allow, validPatch, ports, doubts);
  explainRoutes(app, allow, validPatch, ports);
  app.get('/readyz', gated(...entry), readyz(process));
  adminRoutes(app, allow, ports, process);

  app.get('/capabilities', gated(...allow('profiles:read')), (c) => {
    const targets = [...c.get('gateway').targets.values()];
    const usable = targets.filter(({ name }) => mayUse(c.get('caller'), name));
    return jsonText(c, { targets: usable.map(capabilitiesOf) });
  });
  app.get('/capabilities/:target', gated(...allow('profiles:read')), (c) => {
    const name = c.req.param('target');
    if (!mayUse(c.get('caller'), name)) return problem(c, foreignTarget());
    const target = c.get('gateway').targets.get(name);
    if (target !== undefined) return jsonText(c, capabilitiesOf(target));
    return problem(c, ownFault('unknown_target', 'No target has this name.'));
  });

  const { meter } = ports;
  if (meter !== undefined) {
    app.get('/metrics', gated(...allow('admin')), async (c) => {
      meterTargets(c.get('gateway').targets, meter);
      return answer(c, 200, METRICS_TYPE, await meter.exposition());
    });
  }

  for (const [path, methods] of Object.entries(PATHS)) {
    if (path === '/metrics' && meter === undefined) continue;
    app.all(path, gated(...entry), otherMethods(path, allowOf(methods)));
  }
  app.notFound(async (c) => {
    try {
      const refused = await firstAnswer(c, entry);
      return refused ?? problem(c, ownFault('not_found', 'No such path: see GET /capabilities.'));
    } catch (error) {
      // Where no route matches, hono catches behind the signals, which then would tell nothing.
      return failed(error, c);
    }
  });
  app.onError(failed);
  return app;
}

/** The answer to a bug. Only its kind is told: its message may quote anything. */
function failed(error: unknown, c: Context): Response {
  note(c, { message: error instanceof Error ? error.name : 'error' });
  return problem(
    c,
    ownFault('internal', 'The gateway failed; the request id finds it in the log.'),
  );
}

/** Gives a request the version of the configuration that it keeps to its end. */
function entered(gateway: CurrentGateway, access: AccessPorts): Gate {
  const enter = (c: Context, current: Gateway | undefined): Response | undefined => {
    if (current === undefined) {
      return problem(c, ownFault('not_configured', 'The gateway has no configuration yet.'));
    }
    c.set('gateway', current);
    c.set('access', access);
    c.get('record').version = current.version;
    return undefined;
  };
  return (c) => {
    const current = gateway();
    return current instanceof Promise ? current.then((now) => enter(c, now)) : enter(c, current);
  };
}

function otherMethods(path: string, methods: string): (c: Context) => Response {
  return (c) => {
    header(c, 'Allow', methods);
    if (path === '/profiles/:id') header(c, 'Accept-Patch', ACCEPT_PATCH);
    if (c.req.method === 'OPTIONS') return emptyAnswer(c, 204);
    return problem(c, ownFault('method_not_allowed', `The path takes ${methods}.`));
  };
}
