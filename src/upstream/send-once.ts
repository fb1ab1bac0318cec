import {
  type Fault,
  fail,
  type HttpRequest,
  type HttpResponse,
  type MaybePromise,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import { EXCHANGE_STEPS_MAX } from '../limits.ts';
import { isFailure, type TransportFailure } from '../ports.ts';
import type { Purpose } from '../telemetry/log.ts';
import { acquirePermit, type Permit, releasePermit } from './admission-control.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { endStep, type Step, startStep } from './step-telemetry.ts';

/** A request that may leave now: by `send`, whose answer goes to `recordResponse`. */
export type PreparedRequest = { readonly permit: Permit; readonly step: Step };

/**
 * Makes a request ready to be sent with the headers of `proof`, when the target's limits let it; a
 * promise comes only where they make it wait.
 */
export function prepareRequest(
  exchange: Exchange,
  request: HttpRequest,
  proof: HttpRequest['headers'],
  purpose: Purpose,
  untilMs: number,
): MaybePromise<Result<PreparedRequest>> {
  if (!exchange.target.connection.origins.includes(request.origin)) {
    throw new Error('an adapter asked for an origin outside its configuration');
  }
  const start = (admitted: Result<Permit>): Result<PreparedRequest> => {
    if (!admitted.ok) return admitted;
    const { value: permit } = admitted;
    const step = startStep(exchange, request, proof, purpose, permit.atMs);
    return succeed({ permit, step });
  };
  const admitting = acquirePermit(exchange, untilMs);
  return admitting instanceof Promise ? admitting.then(start) : start(admitting);
}

/** Sends what may leave, once; how it ended is for `recordResponse`. */
export function send(
  { ports, target }: Exchange,
  { permit, step }: PreparedRequest,
): Promise<HttpResponse | TransportFailure> {
  return ports.send(step.request, permit.timeoutMs, target.transport);
}

/** Learns all that the end of a request says of its exchange and its target. */
export function recordResponse(
  exchange: Exchange,
  { permit, step }: PreparedRequest,
  answer: HttpResponse | TransportFailure,
): Delivery {
  const { target, ports } = exchange;
  const { purpose } = step;
  const atMs = ports.now();
  endStep(exchange, step, answer, atMs);
  releasePermit(exchange, permit, answer);
  const failed = isFailure(answer);
  if (purpose === 'write' && (!failed || answer.sent)) exchange.writeSent = true;
  if (failed) {
    const fault = transportFault(answer);
    return answer.sent ? { kind: 'no_response', fault } : { kind: 'not_sent', fault };
  }
  exchange.lastAnswer = { date: answer.headers.date, atMs };
  if (answer.headers['x-gateway-sandbox'] !== undefined) exchange.sandbox = true;
  if (answer.status < 300 && purpose !== 'token') target.credentials.accepted();
  return { kind: 'answered', response: answer };
}

function transportFault({ failure, sent }: TransportFailure): Fault {
  const effect = sent ? 'possible' : 'none';
  switch (failure) {
    case 'connect':
      return { code: 'target_unavailable', detail: 'The target cannot be reached.', effect };
    case 'timeout':
      return { code: 'target_timeout', detail: 'The target did not respond in time.', effect };
    case 'reset':
      return { code: 'target_unavailable', detail: 'The connection to the target broke.', effect };
    case 'answer_too_large':
      return {
        code: 'target_invalid_response',
        detail: 'The response of the target is too large.',
        effect,
      };
  }
}

/** Drives a conversation of reads to its result; a request without an answer ends it. */
export async function runConversation<T>(
  conversation: Generator<HttpRequest, Result<T>, HttpResponse>,
  send: (request: HttpRequest) => Promise<Delivery>,
): Promise<Result<T>> {
  let step = conversation.next();
  for (let count = 0; count < EXCHANGE_STEPS_MAX; count += 1) {
    if (step.done === true) return step.value;
    const delivery = await send(step.value);
    if (delivery.kind !== 'answered') return fail(delivery.fault);
    step = conversation.next(delivery.response);
  }
  const detail = `The exchange took more than ${EXCHANGE_STEPS_MAX} requests.`;
  return fail({ code: 'target_invalid_response', detail, effect: 'none' });
}
