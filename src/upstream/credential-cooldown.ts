import type { Fault } from '../adapter-kit/index.ts';
import {
  CREDENTIAL_ADOPTED_MS,
  CREDENTIAL_COOLDOWN_MS,
  CREDENTIAL_COOLDOWN_MS_MAX,
} from '../limits.ts';
import { credentialsCoolingDown } from './target-fault.ts';

/** The time for which a rejected credential is not sent; it doubles with each rejection. */
export type CredentialCooldown = {
  readonly start: () => void;
  /** Ends the doubling: the credential was accepted. */
  readonly reset: () => void;
  /** Returns the fault of every request during a cooldown; undefined otherwise. */
  readonly fault: () => Fault | undefined;
  /**
   * Takes over what another process says of the credential, undefined: that it rests no more. True
   * where a cooldown begins by that.
   */
  readonly adopt: (begun: BegunCooldown | undefined) => boolean;
  /**
   * Reports the length of each cooldown that begins here, of one under way what is left, and 0 once
   * the credential was accepted.
   */
  readonly shareBy: (report: (lengthMs: number) => void) => void;
};

/** A cooldown as another process has begun it. */
export type BegunCooldown = { readonly leftMs: number; readonly lengthMs: number };

const NEVER = Number.NEGATIVE_INFINITY;
/** Difference between two readings of the end of one cooldown. */
const COOLDOWN_JITTER_MS = 1_000;

export function createCredentialCooldown(monotonicMs: () => number): CredentialCooldown {
  let lengthMs = CREDENTIAL_COOLDOWN_MS;
  let endMs = NEVER;
  let isOwn = true;
  let report: ((lengthMs: number) => void) | undefined;

  const leftMs = (): number => endMs - monotonicMs();
  const begin = (forMs: number, length: number): void => {
    endMs = monotonicMs() + forMs;
    lengthMs = Math.min(2 * length, CREDENTIAL_COOLDOWN_MS_MAX);
  };

  return {
    start: () => {
      isOwn = true;
      report?.(lengthMs);
      begin(lengthMs, lengthMs);
    },
    reset: () => {
      if (lengthMs !== CREDENTIAL_COOLDOWN_MS) report?.(0);
      lengthMs = CREDENTIAL_COOLDOWN_MS;
    },
    fault: () => {
      if (endMs === NEVER) return undefined;
      const ms = leftMs();
      return ms > 0 ? credentialsCoolingDown(ms) : undefined;
    },
    adopt: (begun) => {
      if (begun === undefined) {
        // Who began it has been accepted since.
        if (!isOwn) endMs = NEVER;
        return false;
      }
      if (begun.leftMs <= Math.max(0, leftMs() + COOLDOWN_JITTER_MS)) return false;
      isOwn = false;
      // Who began it tries first, and the others learn how that ends.
      begin(begun.leftMs + CREDENTIAL_ADOPTED_MS, begun.lengthMs);
      return true;
    },
    shareBy: (to) => {
      if (report === undefined && isOwn && leftMs() > 0) to(leftMs());
      report = to;
    },
  };
}
