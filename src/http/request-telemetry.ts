import type { Context } from 'hono';
import type { ConfigSnapshot } from '../config/snapshot.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import { isLogged, type LogLevel, type LogRecord } from '../telemetry/log.ts';
import { redactQuotes } from '../telemetry/redactor.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { type Path, pathOf } from './paths.ts';

/** Methods that a metric's label shows as they are. */
const METHODS = ['GET', 'HEAD', 'PATCH', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

const NO_TARGET = { name: 'none', vendor: 'none' };
const NOTHING: readonly string[] = [];

/** Turns a pointer into a label; see `fieldLabels`. */
export type FieldLabel = (pointer: string) => string;

/** Adds to the request's log line. */
export function addLogFields(c: Context, more: Partial<LogRecord>): void {
  Object.assign(c.get('state').record, more);
}

/** Adds the target, and the rule that chose it, to the request's log line. */
export function noteRoute(c: Context, { rule, target }: Resolved): void {
  const { record } = c.get('state');
  record.target = target.name;
  record.rule = rule;
}

/** Adds the exchange with the vendor to the response headers and to the request's log line. */
export function traceExchange(c: Context, exchange: Exchange | undefined): void {
  if (exchange === undefined) return;
  let upstreamMs = 0;
  for (const step of exchange.steps) upstreamMs += step.durationMs;
  const { record, responseHeaders, startMs } = c.get('state');
  const totalMs = exchange.ports.monotonicMs() - startMs;
  const gatewayMs = Math.max(0, totalMs - upstreamMs);
  responseHeaders['Server-Timing'] = `gateway;dur=${gatewayMs}, upstream;dur=${upstreamMs}`;
  if (exchange.sandbox) responseHeaders['X-Gateway-Sandbox'] = '1';
  record.steps = exchange.steps;
  record.upstreamMs = upstreamMs;
  record.target = exchange.target.name;
}

/** Returns the ports for the work of one request: what they send and log belongs to its trace. */
export function portsOf(c: Context, ports: Ports): Ports {
  const { requestId, span } = c.get('state');
  return {
    ...ports,
    span,
    logLevel: levelOf(c, ports),
    log: (record) => ports.log({ ...record, requestId, traceId: span?.context.traceId }),
  };
}

/** Returns the least level that is logged: the runtime's, else the configuration's. */
function levelOf(c: Context, { logLevel }: Ports): LogLevel {
  const gateway: ConfigSnapshot | undefined = c.get('gateway');
  return logLevel ?? gateway?.logLevel ?? 'info';
}

/**
 * Records the end of a request with the response status `status`: one log line, one count and one
 * span, also for a caller that has disconnected. `path` is the route's; undefined if none matched.
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
  const durationMs = ports.monotonicMs() - startMs;
  record.level = level;
  record.method = method;
  record.status = status;
  record.durationMs = durationMs;
  const gateway: ConfigSnapshot | undefined = c.get('gateway');
  const known = gateway?.targets.get(record.target ?? '');
  const { name: target, vendor } = known ?? NO_TARGET;
  const { code = 'none', losses = NOTHING, outcome = 'none', unconfirmed = NOTHING } = record;
  if (isLogged(level, levelOf(c, ports))) {
    redactQuotes(record, known?.redactor);
    ports.log(record);
  }
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
