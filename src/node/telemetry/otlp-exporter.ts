import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { LAST_SPANS_MS } from '../../limits.ts';
import type { Span, TraceContext, Tracer, Tracing } from '../../telemetry/tracing.ts';
import type { TracingSettings } from './otel-variables.ts';

const SPAN_KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/**
 * Records spans and sends them to the collector that OpenTelemetry's variables name, as protobuf
 * over HTTP. `onFailure` reports that a batch could not be sent, without a reason: that may quote
 * the headers of the export, which can be secrets.
 */
export function openExport(settings: TracingSettings, onFailure: () => void): Tracing {
  const silent = (): void => {};
  const logger = { error: onFailure, warn: silent, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const named = resourceFromAttributes({ 'service.name': 'profile-gateway' });
  const exporter = new OTLPTraceExporter();
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...settings.batches })],
  });
  const recorder = provider.getTracer('profile-gateway');
  const tracer: Tracer = (kind, parent): Span => {
    const span = recorder.startSpan(kind, { kind: SPAN_KINDS[kind] }, under(parent));
    const context = span.spanContext();
    return {
      context: fromApi(context),
      end: ({ attributes, failed, name }) => {
        span.updateName(name);
        span.setAttributes(attributes);
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  };
  const close = async (): Promise<void> => {
    const sent = provider.shutdown().then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([sent, later(LAST_SPANS_MS)]))) onFailure();
  };
  return { tracer, close };
}

/** False, after `ms`. */
function later(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}

function under(parent: TraceContext | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { sampled, spanId, traceId } = parent;
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

function fromApi({ spanId, traceFlags, traceId }: SpanContext): TraceContext {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}

function samplerOf({ isParentBased, ratio, sampler }: TracingSettings): Sampler {
  const root = rootSampler(sampler, ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: TracingSettings['sampler'], ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio);
  return new AlwaysOnSampler();
}
