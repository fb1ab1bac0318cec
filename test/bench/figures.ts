/** What one round measured of one subject. */
export type Figures = {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** Median of some rounds, and how far the outer ones lie from it. */
export type Summary = { readonly median: number; readonly least: number; readonly most: number };

export function summary(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? upper);
  return {
    median: (lower + upper) / 2,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}

/** The median of what `of` gives for each round. */
export function middle<T>(rounds: readonly T[], of: (round: T) => number): number {
  return summary(rounds.map(of)).median;
}

/** A bound of the bench, with what was measured. */
export type Bound = {
  readonly says: string;
  readonly measured: number;
  readonly unit?: string;
} & ({ readonly atLeast: number } | { readonly atMost: number });

export function holds(bound: Bound): boolean {
  return 'atLeast' in bound ? bound.measured >= bound.atLeast : bound.measured <= bound.atMost;
}

export function boundLine(bound: Bound): string {
  const limit = 'atLeast' in bound ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`;
  const unit = bound.unit === undefined ? '' : ` ${bound.unit}`;
  const verdict = holds(bound) ? 'ok    ' : 'FAILED';
  return `${verdict} ${bound.says}: ${bound.measured.toFixed(3)}${unit} (${limit})`;
}
