import type { Context } from 'hono';
import { ownFault } from '../../adapter-kit/index.ts';
import type { RejectedReload } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import { StateUnavailable } from '../../state/state-database.ts';
import type { Target } from '../../upstream/target.ts';
import { listenerOf } from '../middleware/entry.ts';
import type { Handler } from '../pipeline.ts';
import { addLogFields, portsOf } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';
import { configurationView, replicasView, targetView } from './admin-view.ts';
import { type OperatorChange, storeChange } from './operator-change.ts';
import { readinessOf } from './readiness.ts';
import { type StatePart, withState } from './state-operations.ts';

/** State of the process that the entry provides; each part is absent if the runtime has none. */
export type Process = StatePart & {
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
export function listTargets({ reach = 'process' }: Process): Handler {
  return (c) => {
    const views = [...c.get('gateway').targets.values()].map(targetView);
    return jsonText(c, { scope: reach, targets: views });
  };
}

/** `GET /admin/config`. */
export function showConfiguration({ refused }: Process): Handler {
  return (c) => jsonText(c, configurationView(c.get('gateway'), refused?.()));
}

/** `GET /admin/replicas`. */
export function listReplicas(process: Process): Handler {
  return withState(process, (c, { view }) => jsonText(c, replicasView(view())));
}

/** `POST /admin/targets/{target}/drain`. */
export function drainTarget(ports: Ports, process: Process): Handler {
  return changeTarget(ports, process, 'drain', ({ control }, by) => {
    if (control.drained !== undefined) return false;
    control.drained = { sinceMs: ports.now(), by };
    return true;
  });
}

/** `POST /admin/targets/{target}/undrain`. */
export function undrainTarget(ports: Ports, process: Process): Handler {
  return changeTarget(ports, process, 'undrain', ({ control }) => {
    if (control.drained === undefined) return false;
    control.drained = undefined;
    return true;
  });
}

/**
 * Applies a change in this process; an isolate rejects it, since no other would know of it.
 * `change` returns false where there was nothing to change.
 */
function changeTarget(
  ports: Ports,
  process: Process,
  kind: OperatorChange['kind'],
  change: (target: Target, by: string | undefined) => boolean,
): Handler {
  return async (c) => {
    if (process.reach === 'isolate') {
      const detail = 'Isolates share no memory: set the mode of the target in the configuration.';
      return respondProblem(c, ownFault('not_found', detail));
    }
    const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
    if (target === undefined) {
      return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
    }
    const { name } = target;
    const outcome = change(target, c.get('state').caller?.name) ? 'applied' : 'noop';
    const message = target.control.drained === undefined ? 'undrained' : 'drained';
    addLogFields(c, { target: name, message });
    await recordChange(c, ports, process, { kind, outcome, target: name });
    return jsonText(c, targetView(target));
  };
}

/** Stores the receipt of a change that holds in any case: a state that is down stops no drain. */
async function recordChange(
  c: Context,
  ports: Ports,
  { operations }: Process,
  change: OperatorChange,
): Promise<void> {
  if (operations === undefined) return;
  try {
    await storeChange(c, operations, change);
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    const message = `the receipt of a ${change.kind} could not be stored`;
    portsOf(c, ports).log({ level: 'error', event: 'state', target: change.target, message });
  }
}
