import type { HttpRequest, HttpResponse } from '../adapter-kit/index.ts';
import type { TransportFailure } from '../ports.ts';
import type { Purpose } from '../telemetry/log.ts';
import { bodyExcerpt } from '../telemetry/redactor.ts';
import { formatTraceparent, type Span } from '../telemetry/tracing.ts';
import type { Exchange } from './exchange.ts';

/** One request of an exchange, from its send to its response. */
export type Step = {
  /** The request with all headers that are sent. */
  readonly request: HttpRequest;
  readonly purpose: Purpose;
  readonly startMs: number;
  readonly span: Span | undefined;
};

/** Starts a span for `request`, and adds `authHeaders` and the trace context to its headers. */
export function startStep(
  { ports }: Exchange,
  request: HttpRequest,
  authHeaders: HttpRequest['headers'],
  purpose: Purpose,
  startMs: number,
): Step {
  const span = ports.span && ports.tracer?.('client', ports.span.context);
  const headers =
    span === undefined
      ? { ...request.headers, ...authHeaders }
      : { ...request.headers, ...authHeaders, traceparent: formatTraceparent(span.context) };
  return { request: { ...request, headers }, purpose, startMs, span };
}

/** Reports how a request ended, in the exchange's log line, the metrics and its span. */
export function endStep(
  { ports, redactor, steps, target }: Exchange,
  step: Step,
  answer: HttpResponse | TransportFailure,
  endMs: number,
): void {
  const { purpose, request, span, startMs } = step;
  const { name, vendor } = target;
  const failed = 'failure' in answer;
  const durationMs = endMs - startMs;
  const outcome = failed ? answer.reason : answer.status;
  steps.push({ purpose, method: request.method, status: outcome, durationMs });
  const status = failed ? answer.failure : statusClass(answer.status);
  ports.meter?.step({ target: name, vendor, step: purpose, status, durationMs });
  if (span !== undefined && span.isUnrecorded !== true) {
    span.end({
      name: `${purpose} ${name}`,
      attributes: {
        'http.request.method': request.method,
        'server.address': new URL(request.origin).hostname,
        'gateway.target': name,
        'gateway.vendor': vendor,
        ...(failed ? { 'error.type': status } : { 'http.response.status_code': answer.status }),
      },
      failed: failed || answer.status >= 400,
    });
  }
  // The answer to a request for a token is a secret as a whole.
  if (!failed && purpose !== 'token' && ports.logLevel === 'debug') {
    const body = bodyExcerpt(answer.body, redactor);
    const { status } = answer;
    ports.log({ level: 'debug', event: 'upstream', target: name, step: purpose, status, body });
  }
}

/** Returns the class of a status, for a label. */
function statusClass(status: number): string {
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'other';
}
