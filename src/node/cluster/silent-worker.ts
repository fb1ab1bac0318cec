import { setTimeout as delay } from 'node:timers/promises';
import { WORKER_PING_MS, WORKER_PINGS_MISSED_MAX } from '../../limits.ts';
import type { WorkerProcess } from './worker-process.ts';

/**
 * Kills a worker whose event loop hangs: it takes connections and answers none, and no probe sees
 * it while the others answer. It is asked every `pingMs`, and killed after
 * `WORKER_PINGS_MISSED_MAX` questions in a row without an answer, so that one long turn, or a pause
 * of all processes, ends nobody. Resolves once the worker has ended, or is killed, after
 * `onSilent`.
 */
export async function killWhenSilent(
  { channel, ended, kill }: Pick<WorkerProcess, 'channel' | 'ended' | 'kill'>,
  onSilent: () => void,
  pingMs = WORKER_PING_MS,
): Promise<void> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  for (let missed = 0; missed < WORKER_PINGS_MISSED_MAX; ) {
    const [answer] = await Promise.all([channel.ask('ping', undefined, pingMs), delay(pingMs)]);
    if (hasEnded) return;
    missed = answer === true ? 0 : missed + 1;
  }
  onSilent();
  kill();
}
