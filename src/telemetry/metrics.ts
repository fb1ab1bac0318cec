import { type Adapter, pointerTokens } from '../adapter-kit/index.ts';

/** Media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Measure of a caller's request. Every text is one of a bounded set. */
export type RequestMeasure = {
  /** A path of the interface, `/profiles/:id`, or `other`. */
  readonly route: string;
  readonly method: string;
  /** A configured target and its vendor, or `none`. */
  readonly target: string;
  readonly vendor: string;
  /** Outcome of a write, or `none`. */
  readonly outcome: string;
  /** The code of the problem, or `none`. */
  readonly code: string;
  readonly durationMs: number;
};

/** Measure of one request to a vendor. */
export type StepMeasure = {
  readonly target: string;
  readonly vendor: string;
  readonly step: 'token' | 'read' | 'write';
  /** `2xx` to `5xx`, or why there was no answer. */
  readonly status: string;
  readonly durationMs: number;
};

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Counts what happens; targets are those of the configuration, fields come from `fieldLabels`. */
export type Meter = {
  readonly request: (measure: RequestMeasure) => void;
  readonly step: (measure: StepMeasure) => void;
  readonly retry: (target: string, step: StepMeasure['step']) => void;
  readonly tokenRequest: (target: string, result: 'ok' | 'failed') => void;
  readonly loss: (target: string, field: string) => void;
  readonly unconfirmed: (target: string, field: string) => void;
  readonly circuitBreaker: (target: string, state: BreakerState) => void;
  /** Requests to a target that are under way, and that wait to be sent. */
  readonly load: (target: string, inFlight: number, queued: number) => void;
  /** Returns the meter of a state that replicas share; without a call it has no series. */
  readonly state: () => StateMeter;
  /** All that was counted, in Prometheus' text format. */
  readonly exposition: () => Promise<string>;
};

/** Statements to a shared state that are measured. */
export type StateStatement = 'begin' | 'amend' | 'end' | 'beat';

/** Counts what happens to a state that replicas share. */
export type StateMeter = {
  /** One call to the database, whether it failed or not; `items`: writes that it was for. */
  readonly statement: (statement: StateStatement, durationMs: number, items?: number) => void;
  /** A write of another replica was closed, with its outcome. */
  readonly recovered: (outcome: string) => void;
  /** A write of this replica was closed by another one; `isLate`: and may be sent after that. */
  readonly fenced: (isLate: boolean) => void;
  readonly load: (load: StateLoad) => void;
  /** Figures that the database counts; undefined where one is not known. */
  readonly counts: (inDoubt: number | undefined, deadRows: number | undefined) => void;
};

/** The state as one replica sees it. */
export type StateLoad = {
  readonly isReachable: boolean;
  readonly replicas: number;
  /** Writes that this replica has under way, and that have ended and are not stored yet. */
  readonly held: number;
  readonly ending: number;
};

/** Canonical fields that no vendor needs to have. */
const COMMON = ['/name', '/description', '/status', '/attributes'];

/**
 * Pointers as labels, of which there are as many as `adapters` declare fields: what is inside a
 * field becomes `/attributes/*`, and a pointer outside the model `other`.
 */
export function fieldLabels(adapters: readonly Adapter[]): (pointer: string) => string {
  const declared = adapters.flatMap(({ fieldSets }) =>
    fieldSets.flatMap(({ fields }) => fields.map(({ pointer }) => pointer)),
  );
  const known = new Set([...COMMON, ...declared]);
  return (pointer) => {
    if (known.has(pointer)) return pointer;
    // A field is one token below the root, or three below `/extensions`.
    const tokens = pointerTokens(pointer).length;
    for (const depth of [1, 3]) {
      const parent = pointer.split('/', depth + 1).join('/');
      if (tokens > depth && known.has(parent)) return `${parent}/*`;
    }
    return 'other';
  };
}
