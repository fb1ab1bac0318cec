import { passTracesOn, type Tracing } from '../../telemetry/tracing.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Traces as the environment asks for it. OpenTelemetry is loaded only where it names a collector;
 * elsewhere traces of callers are passed on and nothing is recorded.
 */
export async function openTracing(
  environment: Variables,
  onFailure: (message: string) => void,
): Promise<Tracing> {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint = endpoint,
    OTEL_SDK_DISABLED: disabled,
  } = environment;
  if (tracesEndpoint === '' || disabled === 'true') {
    return { tracer: passTracesOn(Math.random), close: () => Promise.resolve() };
  }
  const { openExport } = await import('./otlp-exporter.ts');
  return openExport(environment, () => onFailure('spans cannot be exported'));
}
