/** Position of a request in a trace (W3C Trace Context, Recommendation of 2021-11-23). */
export type TraceContext = {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Somebody before this request records the trace, or this process does. */
  readonly sampled: boolean;
};

/** End of a span; its attributes hold neither values of a profile nor secrets. */
export type SpanEnd = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly failed: boolean;
};

/** One request of a caller, or one request to a vendor, from now until it ends. */
export type Span = {
  readonly context: TraceContext;
  /** Nothing records its end, so that nobody needs to report it. */
  readonly isUnrecorded?: true;
  readonly end: (ended: SpanEnd) => void;
};

/** Begins a span below `parent`, or the first one of a new trace. */
export type Tracer = (kind: 'server' | 'client', parent: TraceContext | undefined) => Span;

/** Version, trace id, parent id and flags; later versions may add members behind them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** The trace that a `traceparent` header names; undefined where it names none. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  if (header === undefined) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  if (version === undefined || version === 'ff') return undefined;
  if (version === '00' && more !== undefined) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ sampled, spanId, traceId }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/**
 * Passes traces on and records nothing: whoever stands behind the gateway sees the caller's span
 * as its parent. A request without a trace begins one, so that its log line can be found by it.
 * `random` gives 0 to below 1.
 */
export function passTracesOn(random: () => number): Tracer {
  const begin = (): TraceContext => {
    const half = randomWord(random) + randomWord(random);
    // A span differs from the others of its trace only: it can share digits with the trace.
    return {
      traceId: randomWord(random) + randomWord(random) + half,
      spanId: half,
      sampled: false,
    };
  };
  const end = (): void => {};
  return (_, parent) => ({ context: parent ?? begin(), isUnrecorded: true, end });
}

/** Every byte in hexadecimal: `toString(16)` of each word takes 1 µs for a trace, this 0.2. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 32 random bits as 8 hexadecimal digits, never all zeros. */
function randomWord(random: () => number): string {
  const word = 1 + Math.floor(random() * (2 ** 32 - 1));
  const high = word >>> 16;
  const low = word & 0xffff;
  return `${BYTES[high >>> 8]}${BYTES[high & 255]}${BYTES[low >>> 8]}${BYTES[low & 255]}`;
}

export type Tracing = {
  readonly tracer: Tracer;
  /** Sends what is left; never takes long, never throws. */
  readonly close: () => Promise<void>;
};
