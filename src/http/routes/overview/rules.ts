import * as z from 'zod/mini';
import {
  type FaultCode,
  isList,
  isObject,
  type JsonObject,
  lazily,
  optional,
} from '../../../adapter-kit/index.ts';
import { mayUse } from '../../../auth/permissions.ts';
import type { ConfigSnapshot } from '../../../config/snapshot.ts';
import { ID_CODE_POINTS_MAX } from '../../../limits.ts';
import { resolve } from '../../../routing/resolve.ts';
import type { RouteRequest } from '../../../routing/router.ts';
import { unreachableRoutes } from '../../../routing/unreachable.ts';
import type { Handler } from '../../pipeline.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { filterText, readQuery } from '../admin-query.ts';

/** Most ids, and most headers, that one request resolves. */
export const RESOLVED_IDS_MAX = 100;

/** Text of several lines in a query. */
const linesText = (max: number) =>
  z.optional(
    z.string().check(
      z.refine((text) => linesIn(text).length <= max, `must have at most ${max} lines`),
      z.refine(
        (text) => linesIn(text).every((line) => [...line].length <= ID_CODE_POINTS_MAX),
        `must have lines of at most ${ID_CODE_POINTS_MAX} characters`,
      ),
    ),
  );

/** The query of the list of rules: ids to resolve, and the request that they would come with. */
export const rulesQuerySchema = lazily(() =>
  z.strictObject({
    ids: linesText(RESOLVED_IDS_MAX),
    caller: filterText(),
    headers: linesText(RESOLVED_IDS_MAX),
  }),
);

/** A rule as it is configured, in its order. */
export type RuleView = {
  /** Its place in the configuration, `routes.0`. */
  readonly rule: string;
  /** Conditions, targets and handling; secrets are hidden. */
  readonly settings: JsonObject;
  /** An earlier rule that matches all that this one could. */
  readonly unreachableBehind?: string;
};

/** Target of one id, or why there is none. */
export type ResolvedView = { readonly id: string } & (
  | { readonly target: string; readonly upstreamId: string; readonly rule?: string }
  | { readonly code: FaultCode; readonly detail: string }
);

export type RulesView = {
  readonly rules: readonly RuleView[];
  /** Absent where the query has no ids. */
  readonly resolved?: readonly ResolvedView[];
};

/** `GET /admin/routes`. */
export const listRules: Handler = async (c) => {
  const asked = readQuery(rulesQuerySchema(), c.req.queries());
  if (!asked.ok) return respondProblem(c, asked.fault);
  const { caller, headers, ids } = asked.value;
  const gateway = c.get('gateway');
  const sent = headersIn(headers ?? '');
  const header = (name: string): string | undefined => sent.get(name);
  const named = caller === undefined ? undefined : gateway.callers?.named(caller);
  const allows = (target: string): boolean => mayUse(named, target);
  const resolved: ResolvedView[] = [];
  for (const id of linesIn(ids ?? '')) {
    resolved.push(await resolvedView({ id, caller, header, mayUse: allows }, gateway));
  }
  const view: RulesView = {
    rules: rulesOf(gateway),
    ...(ids === undefined ? {} : { resolved }),
  };
  return jsonText(c, view);
};

function rulesOf({ effective, router }: ConfigSnapshot): RuleView[] {
  const { routes } = effective;
  const behind = unreachableRoutes(router.routes);
  return (isList(routes) ? routes : []).map((settings, i) => {
    const rule = `routes.${i}`;
    const shown: JsonObject = isObject(settings) ? settings : {};
    return { rule, settings: shown, ...optional('unreachableBehind', behind.get(rule)) };
  });
}

async function resolvedView(request: RouteRequest, gateway: ConfigSnapshot): Promise<ResolvedView> {
  const { id } = request;
  const found = await resolve(request, gateway);
  if (!found.ok) return { id, code: found.fault.code, detail: found.fault.detail };
  const { rule, target, upstreamId } = found.value;
  return { id, target: target.name, upstreamId, ...optional('rule', rule) };
}

function linesIn(text: string): string[] {
  return text.split(/[\r\n]+/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** Reads lines such as `X-Tenant: blue`. */
function headersIn(text: string): ReadonlyMap<string, string> {
  return new Map(
    linesIn(text).map((line) => {
      const end = line.indexOf(':');
      const name = end < 0 ? line : line.slice(0, end);
      return [name.trim().toLowerCase(), end < 0 ? '' : line.slice(end + 1).trim()];
    }),
  );
}
