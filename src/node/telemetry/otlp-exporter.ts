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

type Variables = Readonly<Record<string, string | undefined>>;

const SPAN_KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

/**
 * Records spans and sends them to the collector that OpenTelemetry's variables name, as protobuf
 * over HTTP. `onFailure` is told that a batch could not be sent, without a reason: that may quote
 * the headers of the export, which can be secrets.
 */
export function openExport(environment: Variables, onFailure: () => void): Tracing {
  const silent = (): void => {};
  const logger = { error: onFailure, warn: silent, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const named = resourceFromAttributes({ 'service.name': 'profile-gateway' });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(environment),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
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

/** The sampler that OTEL_TRACES_SAMPLER names; by default all, unless the caller's is unsampled. */
function samplerOf({
  OTEL_TRACES_SAMPLER: name = 'parentbased_always_on',
  OTEL_TRACES_SAMPLER_ARG: argument = '1',
}: Variables): Sampler {
  const root = rootSampler(name.replace(/^parentbased_/, ''), Number(argument));
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler();
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio);
  return new AlwaysOnSampler();
}
