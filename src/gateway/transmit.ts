import {
  type Fault,
  fail,
  type HttpRequest,
  type HttpResponse,
  type Result,
} from '../contract/index.ts';
import { admit } from './admission.ts';
import type { Delivery, Exchange, Purpose } from './exchange.ts';
import { EXCHANGE_STEPS_MAX } from './limits.ts';
import { isFailure, type TransportFailure } from './ports.ts';
import { sendStep } from './step-signals.ts';

/** Sends a request once, as it is, when the target's limits let it. */
export async function transmit(
  exchange: Exchange,
  request: HttpRequest,
  purpose: Purpose,
  untilMs: number,
): Promise<Delivery> {
  const { target, ports } = exchange;
  if (!target.connection.origins.includes(request.origin)) {
    throw new Error('an adapter asked for an origin outside its configuration');
  }
  const admission = await admit(exchange, untilMs);
  if (!admission.ok) return { kind: 'unsent', fault: admission.fault };
  const { end, timeoutMs } = admission.value;
  const answer = await sendStep(exchange, request, purpose, timeoutMs);
  end(answer);
  const failed = isFailure(answer);
  if (purpose === 'write' && (!failed || answer.sent)) exchange.writeSent = true;
  if (failed) {
    const fault = transportFault(answer);
    return answer.sent ? { kind: 'unanswered', fault } : { kind: 'unsent', fault };
  }
  exchange.lastAnswer = { date: answer.headers.date, atMs: ports.now() };
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
      return { code: 'target_timeout', detail: 'The target did not answer in time.', effect };
    case 'reset':
      return { code: 'target_unavailable', detail: 'The connection to the target broke.', effect };
    case 'answer_too_large':
      return { code: 'target_protocol', detail: 'The answer of the target is too large.', effect };
  }
}

/** Drives a conversation of reads to its result; a request without an answer ends it. */
export async function converse<T>(
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
  return fail({ code: 'target_protocol', detail, effect: 'none' });
}
