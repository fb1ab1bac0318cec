import type { LogRecord } from '../../telemetry/log.ts';
import type { Meter } from '../../telemetry/metrics.ts';
import type { ListenOptions } from '../http-server/server.ts';

/** Time for which dropped connections are counted before a log line reports them. */
const DROPS_MS = 1_000;

/** Logs and counts what a server refuses before the application sees it. */
export function reportRefusals(
  log: (record: LogRecord) => void,
  meter: Meter,
): Required<Pick<ListenOptions, 'onDropped' | 'onRefused'>> {
  const count = (code: string): void => {
    const none = { target: 'none', vendor: 'none', outcome: 'none' };
    meter.request({ route: 'other', method: 'other', ...none, code, durationMs: 0 });
  };
  let dropped = 0;
  const reportDropped = (): void => {
    const message = `${dropped} connections were closed because too many are open`;
    dropped = 0;
    log({ level: 'warn', event: 'connections_dropped', message });
  };
  return {
    onRefused: (refusal) => {
      log({ level: 'info', event: 'request', ...refusal });
      count(refusal.code);
    },
    onDropped: () => {
      count('connections_exceeded');
      if (dropped === 0) setTimeout(reportDropped, DROPS_MS).unref();
      dropped += 1;
    },
  };
}
