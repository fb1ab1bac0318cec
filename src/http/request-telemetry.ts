import type { Context } from 'hono';
import type { ConfigSnapshot } from '../config/snapshot.ts';
import type { Ports } from '../ports.ts';
import { boundedPointers, isLogged, type LogLevel, type LogRecord } from '../telemetry/log.ts';
import { parseTraceparent } from '../telemetry/tracing.ts';
import type { Target } from '../upstream/target.ts';
import { type Path, pathOf } from './paths.ts';
import { newRecord, type RequestRecord, type RequestState } from './request-state.ts';

/** A request id that cannot be mistaken for another text in a log or a header. */
const CLEAN_REQUEST_ID = /^[\w\-=]{1,128}$/;

/** Words that a label may repeat as they are. */
const METHODS = ['GET', 'HEAD', 'PATCH', 'POST', 'OPTIONS'];

const NO_TARGET = { name: 'none', vendor: 'none' };
const NOTHING: readonly string[] = [];

/** Turns a pointer into a label; see `fieldLabels`. */
export type FieldLabel = (pointer: string) => string;

/** Creates the state of a request and starts its trace. */
export function startRequest(c: Context, ports: Ports): RequestState {
  const find = ports.headersOf?.(c.req.raw, c.env);
  if (find !== undefined) lookUpBy(find, c);
  const parent = parseTraceparent(c.req.header('traceparent'));
  const span = ports.tracer?.('server', parent);
  const requestId = requestIdOf(c, parent === undefined ? span?.context.traceId : undefined);
  return {
    requestId,
    startMs: ports.now(),
    span,
    headers: { 'X-Request-Id': requestId },
    record: newRecord(requestId, span?.context.traceId),
    caller: undefined,
    profileId: '',
    isForwarded: false,
  };
}

/** Has hono find headers as the runtime does best. */
function lookUpBy(find: (name: string) => string | undefined, { req }: Context): void {
  const header = (name?: string): unknown =>
    name === undefined ? Object.fromEntries(req.raw.headers) : find(name);
  Object.assign(req, { header });
}

/** The caller's name for the request where it is a clean one, else one of our own: its trace's. */
function requestIdOf(c: Context, ownTraceId: string | undefined): string {
  const given = c.req.header('x-request-id');
  if (given !== undefined && CLEAN_REQUEST_ID.test(given)) return given;
  return ownTraceId ?? crypto.randomUUID();
}

/** The ports for the work of one request: what they send and log belongs to its trace. */
export function portsOf(c: Context, ports: Ports): Ports {
  const { requestId, span } = c.get('state');
  return {
    ...ports,
    span,
    logLevel: levelOf(c, ports),
    log: (record) => ports.log({ ...record, requestId, traceId: span?.context.traceId }),
  };
}

/** Least level that is logged: the runtime's, else the configuration's. */
function levelOf(c: Context, { logLevel }: Ports): LogLevel {
  const gateway: ConfigSnapshot | undefined = c.get('gateway');
  return logLevel ?? gateway?.logLevel ?? 'info';
}

/**
 * Tells of a request that is answered by `status`: one log line, one count and one span for each,
 * also for a caller that has gone. Its path is looked for where it is not known by the route.
 */
export function finishRequest(
  c: Context,
  path: Path | undefined,
  status: number,
  ports: Ports,
  fieldLabel: FieldLabel,
): void {
  const { record, requestId, span, startMs } = c.get('state');
  const { method } = c.req;
  const level = status >= 500 ? 'error' : 'info';
  const durationMs = ports.now() - startMs;
  record.level = level;
  record.method = method;
  record.status = status;
  record.durationMs = durationMs;
  const gateway: ConfigSnapshot | undefined = c.get('gateway');
  const known = gateway?.targets.get(record.target ?? '');
  const { name: target, vendor } = known ?? NO_TARGET;
  const { code = 'none', losses = NOTHING, outcome = 'none', unconfirmed = NOTHING } = record;
  if (isLogged(level, levelOf(c, ports))) ports.log(redactRecord(record, known));
  const route = path ?? pathOf(c.req.path) ?? 'other';
  const verb = METHODS.includes(method) ? method : 'other';
  ports.meter?.request({ route, method: verb, target, vendor, outcome, code, durationMs });
  for (const pointer of losses) ports.meter?.loss(target, fieldLabel(pointer));
  for (const pointer of unconfirmed) ports.meter?.unconfirmed(target, fieldLabel(pointer));
  if (span === undefined || span.isUnrecorded === true) return;
  span.end({
    name: `${verb} ${route}`,
    attributes: {
      'http.request.method': verb,
      'http.route': route,
      'http.response.status_code': status,
      'gateway.request_id': requestId,
      'gateway.target': target,
      'gateway.vendor': vendor,
      'gateway.outcome': outcome,
      ...(code === 'none' ? {} : { 'gateway.code': code, 'error.type': code }),
    },
    failed: status >= 500,
  });
}

/** The record, bounded; what a caller wrote in it cannot quote the target's secrets. */
function redactRecord(record: RequestRecord, target: Target | undefined): LogRecord {
  const { id, losses, pointers, unconfirmed } = record;
  const hide = (text: string): string => target?.redactor.text(text) ?? text;
  const shown = (list: readonly string[]): readonly string[] =>
    list.length === 0 ? list : boundedPointers(list.map(hide));
  if (id !== undefined) record.id = hide(id);
  if (pointers !== undefined) record.pointers = shown(pointers);
  if (losses !== undefined) record.losses = shown(losses);
  if (unconfirmed !== undefined) record.unconfirmed = shown(unconfirmed);
  return record;
}
