import type { Context } from 'hono';
import { ownFault } from '../../adapter-kit/index.ts';
import type { RejectedReload } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import type { Target } from '../../upstream/target.ts';
import { listenerOf } from '../listener.ts';
import type { AddRoute, Handler } from '../pipeline.ts';
import { addLogFields } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';
import { configurationView, targetView } from './admin-view.ts';
import { readinessOf } from './readiness.ts';

/** The process as the entry knows it; each part is absent where there is no such thing. */
export type Process = {
  /** It was told to stop. */
  readonly isDraining?: () => boolean;
  /** The last reload, where it was refused. */
  readonly refused?: () => RejectedReload | undefined;
};

/** `GET /readyz`. */
export function readyz({ isDraining, refused }: Process): Handler {
  return (c) => {
    if (isDraining?.() === true) {
      return respondProblem(c, ownFault('draining', 'The gateway is shutting down.'));
    }
    const { callers } = c.get('gateway');
    const named = callers === undefined || listenerOf(c) === 'admin-open';
    return jsonText(c, readinessOf(c.get('gateway'), refused?.(), named));
  };
}

/** Adds the routes of operators below `/admin`. */
export function adminRoutes(add: AddRoute, ports: Ports, { refused }: Process): void {
  add('GET', '/admin/targets', 'admin', (c) => {
    const views = [...c.get('gateway').targets.values()].map(targetView);
    return jsonText(c, { scope: scopeOf(ports), targets: views });
  });
  add('GET', '/admin/config', 'admin', (c) =>
    jsonText(c, configurationView(c.get('gateway'), refused?.())),
  );
  const here = inOneProcess(ports);
  add('POST', '/admin/targets/:target/drain', 'admin', here, (c) =>
    controlled(c, (target) => {
      const by = c.get('state').caller?.name;
      target.control.drained ??= { sinceMs: ports.now(), by };
    }),
  );
  add('POST', '/admin/targets/:target/undrain', 'admin', here, (c) =>
    controlled(c, (target) => {
      target.control.drained = undefined;
    }),
  );
}

/** Whose requests the counts are of: on Workers each isolate counts its own. */
function scopeOf({ lockScope }: Ports): 'process' | 'isolate' {
  return lockScope === 'process' ? 'process' : 'isolate';
}

/** Rejects changes of one isolate, of which no other would know. */
function inOneProcess(ports: Ports): Handler {
  return (c) => {
    if (scopeOf(ports) === 'process') return undefined;
    const detail = 'Isolates share no memory: set the mode of the target in the configuration.';
    return respondProblem(c, ownFault('not_found', detail));
  };
}

function controlled(c: Context, say: (target: Target) => void): Response {
  const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
  if (target === undefined) {
    return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
  }
  say(target);
  const message = target.control.drained === undefined ? 'undrained' : 'drained';
  addLogFields(c, { target: target.name, message });
  return jsonText(c, targetView(target));
}
