type Variables = Readonly<Record<string, string | undefined>>;

/** Names of samplers, without `parentbased_`. */
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'] as const;

export type TracingSettings = {
  readonly sampler: (typeof SAMPLERS)[number];
  /** An unsampled caller decides before the sampler. */
  readonly isParentBased: boolean;
  readonly ratio: number;
  readonly batches: {
    readonly scheduledDelayMillis?: number;
    readonly exportTimeoutMillis?: number;
    readonly maxQueueSize?: number;
    readonly maxExportBatchSize?: number;
  };
};

/**
 * Reads OpenTelemetry's variables as its specification defines them ("Environment Variable
 * Specification"): empty is unset, words have any case, and what cannot be used is warned of and
 * left out. Nothing is exported without an endpoint or an explicit exporter; undefined then. The
 * SDK itself reads those of the exporter (endpoint, headers, timeout, certificates) and of the
 * resource.
 */
export function readTracingSettings(
  variables: Variables,
  warn: (message: string) => void,
): TracingSettings | undefined {
  const text = (name: string): string | undefined => variables[name]?.trim() || undefined;
  const word = (name: string): string | undefined => text(name)?.toLowerCase();
  if (word('OTEL_SDK_DISABLED') === 'true') return undefined;

  const endpointName = firstSet(text, 'ENDPOINT');
  if (!isOtlp(word('OTEL_TRACES_EXPORTER'), endpointName !== undefined, warn)) return undefined;
  if (endpointName !== undefined && !isHttpUrl(text(endpointName))) {
    warn(`${endpointName} must be an http(s) URL: spans are not exported`);
    return undefined;
  }
  const protocolName = firstSet(text, 'PROTOCOL');
  if (protocolName !== undefined && word(protocolName) !== 'http/protobuf') {
    warn(`${protocolName} must be http/protobuf: spans are not exported`);
    return undefined;
  }
  return { ...readSampler(word, warn), batches: readBatches(text, warn) };
}

type Find = (name: string) => string | undefined;
type Warn = (message: string) => void;

/** The variable for traces that is set, else the one for all signals. */
function firstSet(text: Find, what: string): string | undefined {
  const names = [`OTEL_EXPORTER_OTLP_TRACES_${what}`, `OTEL_EXPORTER_OTLP_${what}`];
  return names.find((name) => text(name) !== undefined);
}

/** Reports whether spans go to a collector; `byDefault` where no exporter is named. */
function isOtlp(exporters: string | undefined, byDefault: boolean, warn: Warn): boolean {
  if (exporters === undefined) return byDefault;
  const names = exporters.split(',').map((name) => name.trim());
  if (!names.every((name) => ['otlp', 'none', ''].includes(name))) {
    warn('OTEL_TRACES_EXPORTER must be otlp or none: others are ignored');
  }
  return names.includes('otlp') && !names.includes('none');
}

function isHttpUrl(text = ''): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function readSampler(word: Find, warn: Warn): Omit<TracingSettings, 'batches'> {
  const written = word('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const isParentBased = written.startsWith('parentbased_');
  const name = written.replace(/^parentbased_/, '');
  const sampler = SAMPLERS.find((known) => known === name);
  if (sampler === undefined) {
    warn('OTEL_TRACES_SAMPLER names no known sampler: parentbased_always_on is used');
    return { sampler: 'always_on', isParentBased: true, ratio: 1 };
  }
  const ratio = Number(word('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (sampler !== 'traceidratio' || (ratio >= 0 && ratio <= 1)) {
    return { sampler, isParentBased, ratio };
  }
  warn('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1: 1 is used');
  return { sampler, isParentBased, ratio: 1 };
}

function readBatches(text: Find, warn: Warn): TracingSettings['batches'] {
  const count = (name: string, least: number): number | undefined => {
    const written = text(name);
    if (written === undefined) return undefined;
    if (/^\d{1,9}$/.test(written) && Number(written) >= least) return Number(written);
    warn(`${name} must be a whole number of at least ${least}: the default is used`);
    return undefined;
  };
  const queue = count('OTEL_BSP_MAX_QUEUE_SIZE', 1);
  const batch = count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1);
  const delayMs = count('OTEL_BSP_SCHEDULE_DELAY', 0);
  const timeoutMs = count('OTEL_BSP_EXPORT_TIMEOUT', 1);
  return {
    ...(queue === undefined ? {} : { maxQueueSize: queue }),
    ...(batch === undefined ? {} : { maxExportBatchSize: batch }),
    ...(delayMs === undefined ? {} : { scheduledDelayMillis: delayMs }),
    ...(timeoutMs === undefined ? {} : { exportTimeoutMillis: timeoutMs }),
  };
}
