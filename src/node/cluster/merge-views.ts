import type { TargetView } from '../../http/routes/admin-view.ts';
import type { FailureView } from '../../http/routes/overview/target-detail.ts';
import { FAILURES_KEPT_MAX, type Health } from '../../upstream/target-health.ts';

/** From the least to the gravest. */
const HEALTH_ORDER: readonly Health[] = ['idle', 'healthy', 'degraded', 'failing'];
const BREAKER_ORDER: TargetView['circuitBreaker'][] = ['closed', 'half_open', 'open'];

/**
 * Makes one list of the views of several processes: counts are added up, and of states the gravest
 * is shown. `own` has the order, the configured settings, and what no other has answered.
 */
export function mergeViews(
  own: readonly TargetView[],
  all: readonly (readonly TargetView[])[],
): readonly TargetView[] {
  const merged = new Map<string, TargetView>();
  for (const view of all.flat()) {
    const before = merged.get(view.target);
    merged.set(view.target, before === undefined ? view : mergeTwo(before, view));
  }
  return own.map((view) => merged.get(view.target) ?? view);
}

/** Makes one list of the last failures of several processes, the latest first. */
export function mergeFailures(all: readonly (readonly FailureView[])[]): readonly FailureView[] {
  const sorted = all.flat().toSorted((a, b) => b.at.localeCompare(a.at));
  return sorted.slice(0, FAILURES_KEPT_MAX);
}

function mergeTwo(a: TargetView, b: TargetView): TargetView {
  const failures = [a.lastFailure, b.lastFailure].filter((failure) => failure !== undefined);
  const lastFailure = failures.toSorted((x, y) => y.at.localeCompare(x.at))[0];
  return {
    ...a,
    ...(a.mode === 'drained' || b.drained === undefined
      ? {}
      : { mode: b.mode, drained: b.drained }),
    ...(lastFailure === undefined ? {} : { lastFailure }),
    health: gravest(HEALTH_ORDER, a.health, b.health),
    circuitBreaker: gravest(BREAKER_ORDER, a.circuitBreaker, b.circuitBreaker),
    recent: sum(a.recent, b.recent),
    inFlight: sum(a.inFlight, b.inFlight),
    outcomes: sum(a.outcomes, b.outcomes),
    retryBudget: sum(a.retryBudget, b.retryBudget),
    queued: a.queued + b.queued,
    credentials: {
      coolingDown: a.credentials.coolingDown || b.credentials.coolingDown,
      retryAfterSeconds: Math.max(a.credentials.retryAfterSeconds, b.credentials.retryAfterSeconds),
    },
  };
}

function gravest<State>(order: readonly State[], a: State, b: State): State {
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

/** Adds the members of two records of counts. */
function sum<Counts extends Readonly<Record<string, number>>>(a: Counts, b: Counts): Counts {
  const added = Object.entries(a).map(([name, count]) => [name, count + (b[name] ?? 0)]);
  return { ...a, ...Object.fromEntries(added) };
}
