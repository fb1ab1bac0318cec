import { type Answer, readAnswer } from './answer.ts';

/** Most requests of one call. */
const REQUESTS_MAX = 12;
/** Bounds of the wait before a repeat that the gateway names no time for. */
const WAIT_MS = 100;
const WAIT_MS_MAX = 5_000;

export type Call = {
  /** Sends the request once. */
  readonly send: (signal: AbortSignal) => Promise<Response>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
};

/**
 * Sends a request, and sends it again where that is safe: nobody answered, or the gateway says when
 * by `Retry-After`. Every repeat carries the same idempotency key, so that a write that was made is
 * not made twice. Returns the last answer where the next repeat would come too late.
 */
export async function sendWithRepeats({ send, signal, timeoutMs }: Call): Promise<Answer> {
  const endMs = performance.now() + timeoutMs;
  const ending = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? ending : AbortSignal.any([signal, ending]);
  for (let count = 1; ; count += 1) {
    const answer = either.aborted ? undefined : await sendOnce(send, either);
    if (signal?.aborted === true) return { kind: 'none', code: 'aborted' };
    if (answer === undefined) return { kind: 'none', code: 'deadline_exceeded' };
    const waitMs = waitBeforeRepeat(answer, count);
    if (waitMs === undefined || count >= REQUESTS_MAX) return answer;
    if (performance.now() + waitMs >= endMs) return answer;
    await sleep(waitMs, either);
    if (either.aborted) return answer;
  }
}

async function sendOnce(send: Call['send'], signal: AbortSignal): Promise<Answer> {
  try {
    return await readAnswer(await send(signal));
  } catch {
    return { kind: 'none', code: signal.aborted ? 'deadline_exceeded' : 'no_response' };
  }
}

/** Milliseconds to wait before a repeat, with full jitter; undefined where there is to be none. */
function waitBeforeRepeat(answer: Answer, count: number): number | undefined {
  const jitterMs = Math.random() * Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** count);
  if (answer.kind === 'none') return answer.code === 'no_response' ? jitterMs : undefined;
  if (answer.kind === 'success') return undefined;
  const { retryAfterSeconds } = answer.problem;
  return retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000 + jitterMs;
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
