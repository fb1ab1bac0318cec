import type { Context } from 'hono';
import {
  fail,
  type Json,
  type ListOperation,
  ownFault,
  type Result,
  succeed,
} from '../../../adapter-kit/index.ts';
import { mayUse } from '../../../auth/permissions.ts';
import type { Ports } from '../../../ports.ts';
import { linkedIds } from '../../../profiles/listing/linked-ids.ts';
import { createListCursors, type ListCursors } from '../../../profiles/listing/list-cursor.ts';
import { type ListPageRequest, listProfiles } from '../../../profiles/listing/list-profiles.ts';
import { readListQuery } from '../../../profiles/listing/list-query.ts';
import { lacksOperation } from '../../../profiles/operation-support.ts';
import { representation } from '../../../profiles/representation.ts';
import { foreignTarget } from '../../../routing/resolve.ts';
import type { Target } from '../../../upstream/target.ts';
import { allowOf, PATHS } from '../../paths.ts';
import type { Handler } from '../../pipeline.ts';
import { routeRequest } from '../../request-state.ts';
import { addLogFields, portsOf, traceExchange } from '../../request-telemetry.ts';
import { jsonAnswer, respondProblem, setResponseHeader } from '../../responses.ts';

/** `GET /profiles`: one page of the profiles of a target. */
export function listTarget(ports: Ports): Handler {
  const cursors = createListCursors(ports.digests, ports.cursorKey);
  return async (c) => {
    const { caller, startMs } = c.get('state');
    const gateway = c.get('gateway');
    const found = listedTarget(c);
    if (!found.ok) return respondProblem(c, found.fault);
    const target = found.value;
    addLogFields(c, { target: target.name });
    const { list } = target.connection;
    const lacking = lacksOperation(gateway, caller, target, 'list');
    if (list === undefined || lacking !== undefined) {
      setResponseHeader(c, 'Allow', allowOf(PATHS['/profiles'].filter((name) => name !== 'GET')));
      return respondProblem(c, lacking ?? ownFault('method_not_allowed', NO_LIST));
    }
    const request = await pageRequest(c, cursors, target, list);
    if (!request.ok) return respondProblem(c, request.fault, { target: target.name });
    const endMs = startMs + ports.deadlineMs;
    const answer = await listProfiles(portsOf(c, ports), { ...request.value, endMs });
    traceExchange(c, answer.exchange);
    if (!answer.ok) {
      return respondProblem(c, answer.fault, { target: target.name }, answer.exchange);
    }
    const { isTruncated, items, next } = answer.page;
    const linked = await linkedIds(gateway, (id) => routeRequest(c, id), target, items);
    const profiles = items.map((item) => {
      const id = linked.get(item.upstreamId) ?? `${target.name}:${item.upstreamId}`;
      return JSON.stringify(representation(id, item.upstreamId, target, item));
    });
    const cursor = next === undefined ? undefined : await cursors.seal(request.value, next);
    if (cursor !== undefined) setResponseHeader(c, 'Link', nextLink(request.value, cursor));
    const end = JSON.stringify({
      target: target.name,
      omitted: list.omitted,
      ...(isTruncated === true ? { truncated: true } : {}),
      ...(cursor === undefined ? {} : { next: cursor }),
    });
    return jsonAnswer(c, `{"profiles":[${profiles.join(',')}],${end.slice(1)}`);
  };
}

const NO_LIST = 'The target lists no profiles.';

/** Returns the target of a query, which the caller may use. */
function listedTarget(c: Context): Result<Target> {
  const { target: names = [] } = c.req.queries();
  const [name] = names;
  if (name === undefined || names.length > 1) {
    return fail(ownFault('invalid_filter', 'The query needs one target.'));
  }
  if (!mayUse(c.get('state').caller, name)) return fail(foreignTarget());
  const target = c.get('gateway').targets.get(name);
  if (target !== undefined) return succeed(target);
  return fail(ownFault('unknown_target', 'No target has this name.'));
}

type PageRequest = Omit<ListPageRequest, 'endMs'>;

async function pageRequest(
  c: Context,
  cursors: ListCursors,
  target: Target,
  list: ListOperation,
): Promise<Result<PageRequest>> {
  const query = readListQuery(list, c.req.queries());
  if (!query.ok) return query;
  const { cursor, filters, limit } = query.value;
  const scope = { target, list, filters, limit };
  if (cursor === undefined) return succeed({ ...scope, position: undefined });
  const position: Json | undefined = await cursors.open(scope, cursor);
  return position === undefined
    ? fail(ownFault('invalid_cursor', NOT_GIVEN_OUT))
    : succeed({ ...scope, position });
}

const NOT_GIVEN_OUT =
  'cursor must be the next of another page of this list, with the same target, filters and limit.';

/** Returns the value of `Link` (RFC 8288) that leads to the next page. */
function nextLink({ filters, limit, target }: PageRequest, cursor: string): string {
  const query = new URLSearchParams([
    ['target', target.name],
    ...filters,
    ['limit', String(limit)],
    ['cursor', cursor],
  ]);
  return `</profiles?${query}>; rel="next"`;
}
