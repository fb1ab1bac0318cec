import {
  type Fault,
  fail,
  type HttpResponse,
  type MaybePromise,
  ownFault,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import { LEASE_MARGIN_MS } from '../limits.ts';
import { isFailure, type Ports, type TransportFailure } from '../ports.ts';
import type { BreakerState } from '../telemetry/metrics.ts';
import type { Pass, Verdict } from './circuit-breaker.ts';
import type { End } from './concurrency-limiter.ts';
import type { Exchange } from './exchange.ts';
import type { Target } from './target.ts';

/** Leave to send one request, from `atMs` on; `endAdmission` is told how it ended, once. */
export type Admission = {
  readonly atMs: number;
  readonly timeoutMs: number;
  readonly turn: End;
  readonly pass: Pass;
};

/**
 * Waits until the target may be sent one more request, by `untilMs`; a promise comes only where
 * there is a wait. What is refused was not sent. An exchange that has written goes on through an
 * open breaker and before all others: what became of a write matters more than the load of a few
 * reads.
 */
export function admit(exchange: Exchange, untilMs: number): MaybePromise<Result<Admission>> {
  const { ports, target, writeSent: mustEnd } = exchange;
  const nowMs = ports.now();
  const waitMsMax = untilMs - nowMs;
  if (waitMsMax <= 0) return fail(outOfTime());
  const leaseMs = target.timeoutMs + LEASE_MARGIN_MS;
  const taken = target.slots.take({ waitMsMax, leaseMs, first: mustEnd });
  if (!(taken instanceof Promise)) return admitTurn(exchange, untilMs, taken, nowMs);
  return taken.then((turn) => admitTurn(exchange, untilMs, turn, ports.now()));
}

function admitTurn(
  { target, writeSent: mustEnd }: Exchange,
  untilMs: number,
  turn: End | 'full' | 'late',
  atMs: number,
): Result<Admission> {
  if (typeof turn === 'string') return fail(isBusy());
  const { breaker } = target;
  const timeoutMs = Math.min(target.timeoutMs, untilMs - atMs);
  const pass = timeoutMs <= 0 ? undefined : mustEnd ? breaker.force() : breaker.admit();
  if (pass !== undefined) return succeed({ atMs, timeoutMs, turn, pass });
  turn();
  return fail(timeoutMs <= 0 ? outOfTime() : isOpen(target));
}

/** Ends what `admit` gave, and learns from how the request ended. */
export function endAdmission(
  { ports, target }: Exchange,
  { pass, timeoutMs, turn }: Admission,
  answer: HttpResponse | TransportFailure,
): void {
  turn();
  const changed = pass(verdictOn(answer, timeoutMs, target));
  if (changed !== undefined) tell(ports, target, changed);
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
