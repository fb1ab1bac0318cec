import { fail, type HttpRequest, type HttpResponse, type Result } from '../adapter-kit/index.ts';
import { EXCHANGE_STEPS_MAX } from '../limits.ts';
import type { Delivery } from './exchange.ts';

/** Sends the requests of an adapter's conversation; one without a response ends it. */
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
