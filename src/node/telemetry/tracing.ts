import { passTracesOn, type Tracing } from '../../telemetry/tracing.ts';
import { readTracingSettings } from './otel-variables.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Traces as the environment asks for it. OpenTelemetry is loaded only where it names a collector;
 * elsewhere traces of callers are passed on and nothing is recorded. `warn` reports what cannot be
 * used or sent, without values of variables.
 */
export async function openTracing(
  environment: Variables,
  warn: (message: string) => void,
): Promise<Tracing> {
  const settings = readTracingSettings(environment, warn);
  if (settings === undefined) {
    return { tracer: passTracesOn(Math.random), close: () => Promise.resolve() };
  }
  const { openExport } = await import('./otlp-exporter.ts');
  return openExport(settings, () => warn('spans cannot be exported'));
}
