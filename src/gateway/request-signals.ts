import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Gateway } from './gateway.ts';
import { boundedPointers, isLogged, type LogLevel, type LogRecord } from './log.ts';
import { PATHS } from './paths.ts';
import type { Ports } from './ports.ts';
import { parseTraceparent, type Span } from './trace.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** The request in its trace; undefined where nothing traces. */
    span: Span | undefined;
  }
}

/** Words that a label may repeat as they are. */
const METHODS = ['GET', 'HEAD', 'PATCH', 'POST', 'OPTIONS'];

/** Turns a pointer into a label; see `fieldLabels`. */
type FieldLabel = (pointer: string) => string;

/**
 * One log line, one count and one span for each request, when its answer is ready, also for a
 * caller that has gone.
 */
export function withSignals(ports: Ports, fieldLabel: FieldLabel): MiddlewareHandler {
  return async function withSignals(c, next) {
    const startMs = ports.now();
    c.set('startMs', startMs);
    c.set('record', {});
    c.set('span', ports.tracer?.('server', parseTraceparent(c.req.header('traceparent'))));
    await next();
    if (c.get('isHandedOver') === true) return;
    tell(c, ports, ports.now() - startMs, fieldLabel);
  };
}

/** The ports for the work of one request: what they send and log belongs to its trace. */
export function portsOf(c: Context, ports: Ports): Ports {
  const span = c.get('span');
  const requestId = c.get('requestId');
  const trace = span === undefined ? {} : { traceId: span.context.traceId };
  return {
    ...ports,
    span,
    logLevel: levelOf(c, ports),
    log: (record) => ports.log({ ...record, requestId, ...trace }),
  };
}

/** Least level that is logged: the runtime's, else the configuration's. */
function levelOf(c: Context, { logLevel }: Ports): LogLevel {
  const gateway: Gateway | undefined = c.get('gateway');
  return logLevel ?? gateway?.logLevel ?? 'info';
}

function tell(c: Context, ports: Ports, durationMs: number, fieldLabel: FieldLabel): void {
  const { status } = c.res;
  const { method } = c.req;
  const record = c.get('record');
  const span = c.get('span');
  const level = status >= 500 ? 'error' : 'info';
  if (isLogged(level, levelOf(c, ports))) {
    const requestId = c.get('requestId');
    const trace = span === undefined ? {} : { traceId: span.context.traceId };
    const head: LogRecord = { level, event: 'request', requestId, ...trace, method, status };
    ports.log({ ...head, ...presentable(c, record), durationMs });
  }
  const gateway: Gateway | undefined = c.get('gateway');
  const known = gateway?.targets.get(record.target ?? '');
  const { name: target, vendor } = known ?? { name: 'none', vendor: 'none' };
  const { code = 'none', losses = [], outcome = 'none', unconfirmed = [] } = record;
  const route = routeOf(c);
  const verb = METHODS.includes(method) ? method : 'other';
  ports.meter?.request({ route, method: verb, target, vendor, outcome, code, durationMs });
  for (const pointer of losses) ports.meter?.loss(target, fieldLabel(pointer));
  for (const pointer of unconfirmed) ports.meter?.unconfirmed(target, fieldLabel(pointer));
  span?.end({
    name: `${verb} ${route}`,
    attributes: {
      'http.request.method': verb,
      'http.route': route,
      'http.response.status_code': status,
      'gateway.request_id': c.get('requestId'),
      'gateway.target': target,
      'gateway.vendor': vendor,
      'gateway.outcome': outcome,
      ...(code === 'none' ? {} : { 'gateway.code': code, 'error.type': code }),
    },
    failed: status >= 500,
  });
}

/** What the request noted, bounded; what a caller wrote in it cannot quote the target's secrets. */
function presentable(c: Context, record: Partial<LogRecord>): Partial<LogRecord> {
  const gateway: Gateway | undefined = c.get('gateway');
  const redactor = gateway?.targets.get(record.target ?? '')?.redactor;
  const hide = (text: string): string => redactor?.text(text) ?? text;
  const { id, losses, pointers, unconfirmed } = record;
  const bounded = (list: readonly string[]): string[] => boundedPointers(list.map(hide));
  return {
    ...record,
    ...(id === undefined ? {} : { id: hide(id) }),
    ...(pointers === undefined ? {} : { pointers: bounded(pointers) }),
    ...(losses === undefined ? {} : { losses: bounded(losses) }),
    ...(unconfirmed === undefined ? {} : { unconfirmed: bounded(unconfirmed) }),
  };
}

/** The path of the interface that a request came to; every other one is `other`. */
function routeOf(c: Context): string {
  const paths = matchedRoutes(c).map(({ path }) => path);
  return paths.findLast((path) => Object.hasOwn(PATHS, path)) ?? 'other';
}
