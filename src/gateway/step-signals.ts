import type { HttpRequest, HttpResponse } from '../contract/index.ts';
import type { Exchange, StepRecord } from './exchange.ts';
import { statusClass } from './meter.ts';
import { isFailure, type TransportFailure } from './ports.ts';
import { bodyExcerpt } from './redact.ts';
import { formatTraceparent } from './trace.ts';

/** Sends one request of an exchange; it is told in the log, counted, and a span of its trace. */
export async function sendStep(
  exchange: Exchange,
  request: HttpRequest,
  step: StepRecord['purpose'],
  timeoutMs: number,
): Promise<HttpResponse | TransportFailure> {
  const { ports, steps, target } = exchange;
  const span = ports.span && ports.tracer?.('client', ports.span.context);
  const traced =
    span === undefined
      ? request
      : {
          ...request,
          headers: { ...request.headers, traceparent: formatTraceparent(span.context) },
        };
  const startMs = ports.now();
  const answer = await ports.send(traced, timeoutMs, target.transport);
  const durationMs = ports.now() - startMs;
  const failed = isFailure(answer);
  const { method } = request;
  steps.push({ purpose: step, method, status: failed ? answer.reason : answer.status, durationMs });
  const { name, vendor } = target;
  const status = failed ? answer.failure : statusClass(answer.status);
  ports.meter?.step({ target: name, vendor, step, status, durationMs });
  span?.end({
    name: `${step} ${name}`,
    attributes: {
      'http.request.method': method,
      'server.address': new URL(request.origin).hostname,
      'gateway.target': name,
      'gateway.vendor': vendor,
      ...(failed ? { 'error.type': status } : { 'http.response.status_code': answer.status }),
    },
    failed: failed || answer.status >= 400,
  });
  // The answer to a request for a token is a secret as a whole.
  if (!failed && step !== 'token' && ports.logLevel === 'debug') {
    const body = bodyExcerpt(answer.body, target.redactor);
    ports.log({
      level: 'debug',
      event: 'upstream',
      target: name,
      step,
      status: answer.status,
      body,
    });
  }
  return answer;
}
