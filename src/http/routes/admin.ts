import { optional, ownFault } from '../../adapter-kit/index.ts';
import type { ConfigSnapshot, RejectedReload } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import { listenerOf } from '../middleware/entry.ts';
import type { Handler } from '../pipeline.ts';
import { addLogFields, portsOf } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';
import { configurationView, replicasView, type TargetView, targetView } from './admin-view.ts';
import type { LinkRoutes } from './links/without-links.ts';
import type { MatchRoutes } from './matches/without-matches.ts';
import { changeReceipt, noteReceipt } from './operator-change.ts';
import type { StatsPart } from './overview/stats.ts';
import type { TargetViewsPart } from './overview/target-detail.ts';
import { readinessOf } from './readiness.ts';
import { readOptionalReason } from './reason.ts';
import { type StatePart, withState } from './state-operations.ts';

/** State of the process that the entry provides; each part is absent if the runtime has none. */
export type Process = StatePart &
  StatsPart &
  TargetViewsPart & {
    /** True once the process is shutting down. */
    readonly isDraining?: () => boolean;
    /** The last reload, if it was rejected. */
    readonly refused?: () => RejectedReload | undefined;
    /** False while the state that replicas share does not answer. */
    readonly isStateReachable?: () => boolean;
    /** Number of processes that share the state, this one included. */
    readonly liveReplicas?: () => number;
    /** Serves the reference page and its files; absent: the runtime has none. */
    readonly docs?: Handler;
    /** Makes the routes about links; absent: they are not kept in the state. */
    readonly linkRoutes?: (part: StatePart, ports: Ports) => LinkRoutes;
    /** Makes the routes about match runs; absent: none are kept. */
    readonly matchRoutes?: (part: StatePart, ports: Ports) => MatchRoutes;
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
export function listTargets(process: Process): Handler {
  const { reach = 'process' } = process;
  return async (c) =>
    jsonText(c, { scope: reach, targets: await listTargetViews(c.get('gateway'), process) });
}

/** Returns all targets as this process and the others of the same gateway see them. */
export async function listTargetViews(
  { targets }: Pick<ConfigSnapshot, 'targets'>,
  { viewsOfAll }: Pick<Process, 'viewsOfAll'>,
): Promise<readonly TargetView[]> {
  const own = [...targets.values()].map(targetView);
  return (await viewsOfAll?.(own)) ?? own;
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
  return changeTarget(ports, process, 'drain');
}

/** `POST /admin/targets/{target}/undrain`. */
export function undrainTarget(ports: Ports, process: Process): Handler {
  return changeTarget(ports, process, 'undrain');
}

/**
 * Drains or undrains a target, in this process at once and with a state in every other; an isolate
 * rejects it, since no other would know of it.
 */
function changeTarget(ports: Ports, process: Process, kind: 'drain' | 'undrain'): Handler {
  return async (c) => {
    if (process.reach === 'isolate') {
      const detail = 'Isolates share no memory: set the mode of the target in the configuration.';
      return respondProblem(c, ownFault('not_found', detail));
    }
    const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
    if (target === undefined) {
      return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
    }
    const given = await readOptionalReason(c, ports.readChunks);
    if (!given.ok) return respondProblem(c, given.fault);
    const reason = given.value && target.redactor.text(given.value);
    const by = c.get('state').caller?.name;
    const { name } = target;
    addLogFields(c, { target: name, message: `${kind}ed`, ...optional('reason', reason) });
    const { operations } = process;
    if (operations === undefined) {
      const { control } = target;
      if (kind === 'undrain') control.drained = undefined;
      else control.drained ??= { sinceMs: ports.now(), by, reason };
      return jsonText(c, targetView(target));
    }
    const receipt = changeReceipt(c, { kind, outcome: 'applied', target: name, reason });
    const drain = kind === 'drain' ? { by: by ?? '', reason: reason ?? '' } : undefined;
    noteReceipt(c, receipt);
    if (await operations.changeDrain(target, drain, receipt)) {
      await operations.follow().catch(() => {});
    } else {
      const message = `the ${kind} is not stored yet: other replicas do not know of it`;
      portsOf(c, ports).log({ level: 'error', event: 'state', target: name, message });
    }
    return jsonText(c, targetView(target));
  };
}
