import type { Context, Hono } from 'hono';
import { configurationView, type RefusedReload, targetView } from './admin-view.ts';
import { doorOf } from './door.ts';
import type { Allow, Gate } from './gates.ts';
import { jsonText, note, problem } from './http.ts';
import type { Ports } from './ports.ts';
import { ownFault } from './problem.ts';
import { readinessOf } from './readiness.ts';
import type { Target } from './target.ts';

/** What the entry knows of the process; each part is absent where there is no such thing. */
export type Process = {
  /** It was told to stop. */
  readonly isDraining?: () => boolean;
  /** The last reload, where it was refused. */
  readonly refused?: () => RefusedReload | undefined;
};

/** `GET /readyz`. */
export function readyz({ isDraining, refused }: Process): Gate {
  return (c) => {
    if (isDraining?.() === true) {
      return problem(c, ownFault('draining', 'The gateway was told to stop.'));
    }
    const { callers } = c.get('gateway');
    const named = callers === undefined || doorOf(c) === 'admin-open';
    return jsonText(c, readinessOf(c.get('gateway'), refused?.(), named));
  };
}

/** What operators ask and say below `/admin`. */
export function adminRoutes(app: Hono, allow: Allow, ports: Ports, { refused }: Process): void {
  const control = (gate: Gate) => allow('admin', inOneProcess(ports), gate);
  const targets = allow('admin', (c) => {
    const views = [...c.get('gateway').targets.values()].map(targetView);
    return jsonText(c, { seenBy: seenBy(ports), targets: views });
  });
  const configuration = allow('admin', (c) =>
    jsonText(c, configurationView(c.get('gateway'), refused?.())),
  );
  const drain = control((c) =>
    controlled(c, (target) => {
      const by = c.get('state').caller?.name;
      target.control.drained ??= { sinceMs: ports.now(), by };
    }),
  );
  const undrain = control((c) =>
    controlled(c, (target) => {
      target.control.drained = undefined;
    }),
  );
  app.get('/admin/targets', targets);
  app.get('/admin/config', configuration);
  app.post('/admin/targets/:target/drain', drain);
  app.post('/admin/targets/:target/undrain', undrain);
}

/** Whose requests the counts are of: on Workers each isolate counts its own. */
function seenBy({ serialized }: Ports): 'process' | 'isolate' {
  return serialized === 'process' ? 'process' : 'isolate';
}

/** What one isolate is told, no other would know. */
function inOneProcess(ports: Ports): Gate {
  return (c) => {
    if (seenBy(ports) === 'process') return undefined;
    const detail = 'Isolates share no memory: set the state of the target in the configuration.';
    return problem(c, ownFault('not_found', detail));
  };
}

function controlled(c: Context, say: (target: Target) => void): Response {
  const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
  if (target === undefined) {
    return problem(c, ownFault('unknown_target', 'No target has this name.'));
  }
  say(target);
  const message = target.control.drained === undefined ? 'undrained' : 'drained';
  note(c, { target: target.name, message });
  return jsonText(c, targetView(target));
}
