import type { Context } from 'hono';
import { ownFault } from '../../adapter-kit/index.ts';
import type { RejectedReload } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import type { Target } from '../../upstream/target.ts';
import { listenerOf } from '../middleware/entry.ts';
import type { Handler } from '../pipeline.ts';
import { addLogFields } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';
import { configurationView, targetView } from './admin-view.ts';
import { readinessOf } from './readiness.ts';

/** State of the process that the entry provides; each part is absent if the runtime has none. */
export type Process = {
  /** True once the process is shutting down. */
  readonly isDraining?: () => boolean;
  /** The last reload, if it was rejected. */
  readonly refused?: () => RejectedReload | undefined;
  /** False while the state that replicas share does not answer. */
  readonly isStateReachable?: () => boolean;
};

/** `GET /readyz`. */
export function readyz({ isDraining, isStateReachable, refused }: Process): Handler {
  return (c) => {
    if (isDraining?.() === true) {
      return respondProblem(c, ownFault('draining', 'The gateway is shutting down.'));
    }
    const { callers } = c.get('gateway');
    const named = callers === undefined || listenerOf(c) === 'admin-open';
    const failing = {
      reload: refused?.() !== undefined,
      state: isStateReachable?.() === false,
    };
    return jsonText(c, readinessOf(c.get('gateway'), failing, named));
  };
}

/** `GET /admin/targets`. */
export function listTargets(ports: Ports): Handler {
  return (c) => {
    const views = [...c.get('gateway').targets.values()].map(targetView);
    return jsonText(c, { scope: scopeOf(ports), targets: views });
  };
}

/** `GET /admin/config`. */
export function showConfiguration({ refused }: Process): Handler {
  return (c) => jsonText(c, configurationView(c.get('gateway'), refused?.()));
}

/** `POST /admin/targets/{target}/drain`. */
export function drainTarget(ports: Ports): Handler {
  return (c) =>
    changeTarget(c, ports, ({ control }) => {
      control.drained ??= { sinceMs: ports.now(), by: c.get('state').caller?.name };
    });
}

/** `POST /admin/targets/{target}/undrain`. */
export function undrainTarget(ports: Ports): Handler {
  return (c) =>
    changeTarget(c, ports, ({ control }) => {
      control.drained = undefined;
    });
}

/** Returns the reach of the counts: on Workers each isolate counts its own requests. */
function scopeOf({ state }: Ports): 'process' | 'isolate' {
  return state.lockScope === 'process' ? 'process' : 'isolate';
}

/** Applies a change in this process; an isolate rejects it, since no other would know of it. */
function changeTarget(c: Context, ports: Ports, change: (target: Target) => void): Response {
  if (scopeOf(ports) !== 'process') {
    const detail = 'Isolates share no memory: set the mode of the target in the configuration.';
    return respondProblem(c, ownFault('not_found', detail));
  }
  const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
  if (target === undefined) {
    return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
  }
  change(target);
  const message = target.control.drained === undefined ? 'undrained' : 'drained';
  addLogFields(c, { target: target.name, message });
  return jsonText(c, targetView(target));
}
