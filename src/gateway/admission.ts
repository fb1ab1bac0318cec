import { type Fault, fail, type HttpResponse, type Result, succeed } from '../contract/index.ts';
import type { Verdict } from './breaker.ts';
import type { Exchange } from './exchange.ts';
import { LEASE_MARGIN_MS } from './limits.ts';
import type { BreakerState, Meter } from './meter.ts';
import { isFailure, type Ports, type TransportFailure } from './ports.ts';
import { ownFault } from './problem.ts';
import type { Target } from './target.ts';

/** Leave to send one request; `end` is told how it ended, once. */
export type Admission = {
  readonly timeoutMs: number;
  readonly end: (answer: HttpResponse | TransportFailure) => void;
};

/**
 * Waits until the target may be sent one more request, by `untilMs`. What is refused was not sent.
 * An exchange that has written goes on through an open breaker and before all others: what became
 * of a write matters more than the load of a few reads.
 */
export async function admit(exchange: Exchange, untilMs: number): Promise<Result<Admission>> {
  const { ports, target, writeSent: mustEnd } = exchange;
  const { breaker, slots } = target;
  const waitMsMax = untilMs - ports.now();
  if (waitMsMax <= 0) return fail(outOfTime());
  const leaseMs = target.timeoutMs + LEASE_MARGIN_MS;
  const taken = slots.take({ waitMsMax, leaseMs, first: mustEnd });
  const turn = taken instanceof Promise ? await taken : taken;
  if (typeof turn === 'string') return fail(isBusy());
  const timeoutMs = Math.min(target.timeoutMs, untilMs - ports.now());
  const pass = timeoutMs <= 0 ? undefined : mustEnd ? breaker.force() : breaker.admit();
  if (pass === undefined) {
    turn();
    return fail(timeoutMs <= 0 ? outOfTime() : isOpen(target));
  }
  const end = (answer: HttpResponse | TransportFailure): void => {
    turn();
    const changed = pass(verdictOn(answer, timeoutMs, target));
    if (changed !== undefined) tell(ports, target, changed);
  };
  return succeed({ timeoutMs, end });
}

/** Whether nothing would be sent now, however often it were tried. */
export function isHeldBack({ target, writeSent }: Exchange): boolean {
  return !writeSent && target.breaker.closedForMs() > 0;
}

/** A refusal is an answer; a wait that our own deadline cut short says nothing of the target. */
function verdictOn(
  answer: HttpResponse | TransportFailure,
  timeoutMs: number,
  target: Target,
): Verdict {
  if (!isFailure(answer)) return answer.status >= 500 ? 'failed' : 'ok';
  switch (answer.failure) {
    case 'connect':
    case 'reset':
      return 'failed';
    case 'timeout':
      return timeoutMs >= target.timeoutMs / 2 ? 'failed' : 'neither';
    case 'answer_too_large':
      return 'neither';
  }
}

function tell({ log, meter }: Ports, { name }: Target, state: BreakerState): void {
  meter?.breaker(name, state);
  const level = state === 'closed' ? 'info' : 'warn';
  log({ level, event: 'breaker', target: name, message: state });
}

/** Sets the gauges of all targets to what holds now. */
export function meterTargets(targets: ReadonlyMap<string, Target>, meter: Meter): void {
  for (const { breaker, name, slots } of targets.values()) {
    const { inFlight, waiting } = slots.counts();
    meter.breaker(name, breaker.state());
    meter.load(name, inFlight, waiting);
  }
}

function isOpen({ breaker }: Target): Fault {
  const detail = 'The target failed too often and is left alone for a while; nothing was sent.';
  const retryAfterSeconds = Math.max(1, Math.ceil(breaker.closedForMs() / 1000));
  return ownFault('target_unavailable', detail, { retryAfterSeconds });
}

function isBusy(): Fault {
  const detail = 'Too many requests wait for the target; nothing was sent.';
  return ownFault('busy', detail, { retryAfterSeconds: 1 });
}

function outOfTime(): Fault {
  return ownFault('target_timeout', 'No time was left to ask the target.');
}
