/** A mutant that no check can tell from the vendor's own adapter, and why. */
export type Survivor = {
  /** Titles of the subjects. */
  readonly subjects: readonly string[];
  readonly mutants: readonly string[];
  readonly reason: string;
};

export const SURVIVORS: readonly Survivor[] = [];
