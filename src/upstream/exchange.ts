import type { Fault, HttpResponse, Token } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { StepRecord } from '../telemetry/log.ts';
import { targetDeadlineAtMs, writeDeadlineAtMs } from './deadlines.ts';
import type { Target } from './target.ts';

/** State of one patch or read while it talks to its target. */
export type Exchange = {
  readonly target: Target;
  readonly ports: Ports;
  /** Unix milliseconds at which the caller must have an answer. */
  readonly deadlineAtMs: number;
  /** When the last write must have been answered: what follows is kept for reading it back. */
  readonly writeDeadlineAtMs: number;
  readonly steps: StepRecord[];
  /** Fresh tokens taken after a 401 in this exchange. */
  tokenRefreshes: number;
  /** A token that no other exchange sends, so that no other's write can end it. */
  ownToken: Token | undefined;
  /** A byte of a write may have left. */
  writeSent: boolean;
  /** A sandbox answered, so the caller is told. */
  sandbox: boolean;
  /** The vendor's own clock in its last answer, and when that came by ours. */
  lastAnswer: { readonly date: string | undefined; readonly atMs: number } | undefined;
};

/** Begins a conversation for a caller who must have an answer by `endMs`, of any target. */
export function startExchange(target: Target, ports: Ports, deadlineAtMs: number): Exchange {
  return {
    target,
    ports,
    deadlineAtMs: targetDeadlineAtMs(target, ports, deadlineAtMs),
    writeDeadlineAtMs: writeDeadlineAtMs(target, ports, deadlineAtMs),
    steps: [],
    tokenRefreshes: 0,
    ownToken: undefined,
    writeSent: false,
    sandbox: false,
    lastAnswer: undefined,
  };
}

/** End of a request: answered, surely never sent, or sent and left without an answer. */
export type Delivery =
  | { readonly kind: 'answered'; readonly response: HttpResponse }
  | { readonly kind: 'not_sent'; readonly fault: Fault }
  | { readonly kind: 'no_response'; readonly fault: Fault };
