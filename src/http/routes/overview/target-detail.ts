import type { Context } from 'hono';
import { optional, ownFault, type UpstreamError } from '../../../adapter-kit/index.ts';
import { mayRead, mayUse } from '../../../auth/permissions.ts';
import { capabilitiesOf, type TargetCapabilities } from '../../../profiles/capabilities.ts';
import type { Target } from '../../../upstream/target.ts';
import type { TargetFailure } from '../../../upstream/target-health.ts';
import type { Handler } from '../../pipeline.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { type TargetView, targetView } from '../admin-view.ts';

/** Ends of exchanges that failed; `failed`: a read. */
export const FAILURE_OUTCOMES = ['failed', 'rejected', 'partial', 'unknown'] as const;

/** One failure at a target; the vendor's words are for callers who may read its profiles. */
export type FailureView = {
  readonly at: string;
  readonly purpose: 'read' | 'write';
  readonly outcome: (typeof FAILURE_OUTCOMES)[number];
  readonly code: string;
  readonly upstream?: UpstreamError;
};

/** A target with its last failures and its fields. */
export type TargetDetailView = TargetView & {
  readonly failures: readonly FailureView[];
  readonly capabilities: Pick<TargetCapabilities, 'atomic' | 'fields' | 'operations'>;
};

/** The part of a process that asks the other processes of the same gateway about targets. */
export type TargetViewsPart = {
  /** Adds to the targets of this process what the others see of them. */
  readonly viewsOfAll?: (own: readonly TargetView[]) => Promise<readonly TargetView[]>;
  /** Adds the failures of one target at the others, the latest first. */
  readonly failuresOfAll?: (
    target: string,
    own: readonly FailureView[],
  ) => Promise<readonly FailureView[]>;
};

/** `GET /admin/targets/{target}`. */
export function showTarget({ failuresOfAll, viewsOfAll }: TargetViewsPart): Handler {
  return async (c) => {
    const target = c.get('gateway').targets.get(c.req.param('target') ?? '');
    if (target === undefined) {
      return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
    }
    const own = targetView(target);
    const [view = own] = (await viewsOfAll?.([own])) ?? [own];
    const ownFailures = failureViews(target);
    const all = (await failuresOfAll?.(target.name, ownFailures)) ?? ownFailures;
    const { atomic, fields, operations } = capabilitiesOf(target);
    const failures = mayReadAt(c, target) ? all : all.map(withoutWords);
    const capabilities = { atomic, fields, operations };
    const detail: TargetDetailView = { ...view, failures, capabilities };
    return jsonText(c, detail);
  };
}

/** Returns the last failures of a target in this process, the latest first. */
export function failureViews({ health }: Pick<Target, 'health'>): readonly FailureView[] {
  return health.failures().map(failureView);
}

function failureView({ atMs, outcome, upstream, ...failure }: TargetFailure): FailureView {
  return {
    at: new Date(atMs).toISOString(),
    ...failure,
    outcome: FAILURE_OUTCOMES.find((one) => one === outcome) ?? 'failed',
    ...optional('upstream', upstream),
  };
}

/** A vendor may quote the value that it rejects. */
function withoutWords({ upstream, ...failure }: FailureView): FailureView {
  if (upstream === undefined) return failure;
  const { message: _, ...rest } = upstream;
  return { ...failure, upstream: rest };
}

/** On an open listener of operators nobody has shown who calls. */
function mayReadAt(c: Context, { name }: Target): boolean {
  const { caller } = c.get('state');
  if (c.get('gateway').callers === undefined) return true;
  return caller !== undefined && mayRead(caller) && mayUse(caller, name);
}
