import { type Answer, readAnswer } from './answer.ts';

/** Most requests of one call. */
const REQUESTS_MAX = 12;
/** Bounds of the wait before a repeat that the gateway names no time for. */
const WAIT_MS = 100;
const WAIT_MS_MAX = 5_000;
/** Longest time of a timer; a longer one would end at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export type Call = {
  /** Sends the request once; a rejection of `prepare` is that of the call. */
  readonly prepare: () => Promise<(signal: AbortSignal) => Promise<Response>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
};

/** The last answer, and what the ones before it leave open. */
export type Sent = {
  readonly answer: Answer;
  /** An earlier request may have been carried out: nobody said how it ended. */
  readonly isOpen: boolean;
};

/**
 * Sends a request, and sends it again where that is safe: nobody answered, or the gateway says when
 * by `Retry-After`. Every repeat carries the same idempotency key, so that a write that was made is
 * not made twice. Returns the last answer where the next repeat would come too late.
 */
export async function sendWithRepeats({ prepare, signal, timeoutMs }: Call): Promise<Sent> {
  const end = createEnd(timeoutMs, signal);
  try {
    const send = await Promise.race([prepare(), end.reached]);
    if (send === undefined) return { answer: { kind: 'none', code: end.code() }, isOpen: false };
    return await repeat(send, end);
  } finally {
    end.release();
  }
}

async function repeat(send: (signal: AbortSignal) => Promise<Response>, end: End): Promise<Sent> {
  let isOpen = false;
  for (let count = 1; ; count += 1) {
    const answer = await sendOnce(send, end);
    const waitMs = waitBeforeRepeat(answer, count);
    if (waitMs === undefined || count >= REQUESTS_MAX || waitMs >= end.leftMs()) {
      return { answer, isOpen };
    }
    isOpen ||= answer.kind === 'none' || isUnknown(answer);
    await sleep(waitMs, end.signal);
    if (end.signal.aborted) return { answer: { kind: 'none', code: end.code() }, isOpen };
  }
}

async function sendOnce(
  send: (signal: AbortSignal) => Promise<Response>,
  end: End,
): Promise<Answer> {
  try {
    return await readAnswer(await send(end.signal));
  } catch {
    return { kind: 'none', code: end.signal.aborted ? end.code() : 'no_response' };
  }
}

function isUnknown(answer: Answer): boolean {
  if (answer.kind !== 'problem') return false;
  const { outcome } = answer.problem;
  return outcome === 'unknown' || (outcome === undefined && answer.status >= 500);
}

/** Milliseconds to wait before a repeat, with full jitter; undefined where there is to be none. */
function waitBeforeRepeat(answer: Answer, count: number): number | undefined {
  const jitterMs = Math.random() * Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** count);
  if (answer.kind === 'none') return answer.code === 'no_response' ? jitterMs : undefined;
  if (answer.kind === 'success') return undefined;
  const { retryAfterSeconds } = answer.problem;
  return retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000 + jitterMs;
}

/** The end of a call: its deadline, or the signal of its caller. */
type End = {
  readonly signal: AbortSignal;
  /** Resolves at the end. */
  readonly reached: Promise<undefined>;
  readonly code: () => 'aborted' | 'deadline_exceeded';
  readonly leftMs: () => number;
  /** Leaves no timer and no listener behind. */
  readonly release: () => void;
};

function createEnd(timeoutMs: number, caller: AbortSignal | undefined): End {
  const boundMs = Math.min(Math.max(0, timeoutMs), TIMER_MS_MAX);
  const endMs = performance.now() + boundMs;
  const ending = new AbortController();
  const abort = (): void => ending.abort();
  const timer = setTimeout(abort, boundMs);
  caller?.addEventListener('abort', abort);
  if (caller?.aborted === true) abort();
  const { signal } = ending;
  const reached = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
  });
  return {
    signal,
    reached,
    code: () => (caller?.aborted === true ? 'aborted' : 'deadline_exceeded'),
    leftMs: () => endMs - performance.now(),
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
