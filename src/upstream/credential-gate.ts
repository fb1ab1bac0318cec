import { type Fault, fail, type MaybePromise, type Result, succeed } from '../adapter-kit/index.ts';
import { CREDENTIAL_TRIALS_MAX } from '../limits.ts';
import { boundedWait } from '../state/bounded-wait.ts';
import {
  type BegunCooldown,
  type CredentialCooldown,
  createCredentialCooldown,
} from './credential-cooldown.ts';
import { credentialsOnTrial, deadlinePassed, queueFull } from './target-fault.ts';

/** Permission to send the credential; its results count until the credential is rejected. */
export type CredentialPass = {
  readonly accepted: () => void;
  readonly rejected: () => void;
  /** A write was accepted, or got no answer, where writes may revoke tokens. */
  readonly mayHaveRevoked: () => void;
  /** A token was rejected there: counts unless a write since the pass began explains it. */
  readonly tokenRejected: () => void;
  /** Must follow in any case. */
  readonly release: () => void;
};

export type CredentialGate = {
  /**
   * Returns a pass that expires after `passTtlMs`, or the fault of a request that must not be sent,
   * at `untilMs` at the latest.
   */
  readonly enter: (untilMs: number, passTtlMs: number) => MaybePromise<Result<CredentialPass>>;
  /** Returns a pass that waits for no cooldown. */
  readonly enterAnyway: () => CredentialPass;
  /** Returns the fault of every request during a cooldown; undefined otherwise. */
  readonly cooldown: () => Fault | undefined;
  /** Takes over the cooldown that another process has begun; undefined: there is none. */
  readonly adopt: (begun: BegunCooldown | undefined) => void;
} & Pick<CredentialCooldown, 'shareBy'>;

/**
 * Vendors lock accounts after a few rejections, so few requests at once carry a credential that may
 * be wrong. New: `CREDENTIAL_TRIALS_MAX`, twice as many after each result that shows nothing.
 * Accepted: all. Rejected: none during a cooldown, which doubles with each rejection, then one at a
 * time. The others wait. A pass that is never released expires: on Workers an invocation may be
 * stopped in the middle.
 */
export function createCredentialGate(
  monotonicMs: () => number,
  waitersMax: number,
): CredentialGate {
  const cooldown = createCredentialCooldown(monotonicMs);
  const { enter, enterAnyway, rejectAll } = createTrials({ cooldown, monotonicMs, waitersMax });
  return {
    cooldown: cooldown.fault,
    shareBy: cooldown.shareBy,
    adopt: (begun) => {
      if (cooldown.adopt(begun)) rejectAll();
    },
    enter,
    enterAnyway,
  };
}

type TrialOptions = {
  readonly cooldown: CredentialCooldown;
  readonly monotonicMs: () => number;
  readonly waitersMax: number;
};

type CredentialState = 'new' | 'accepted' | 'rejected';

type Trials = Pick<CredentialGate, 'enter' | 'enterAnyway'> & { readonly rejectAll: () => void };

/** Counts what results show; those of requests that began before a rejection count no more. */
function createResults(
  cooldown: CredentialCooldown,
  move: (next: 'accepted' | 'rejected') => void,
) {
  let rejections = 0;
  let revocations = 0;
  const rejectAll = (): void => {
    rejections += 1;
    move('rejected');
  };
  return {
    rejectAll,
    begin: (release?: () => void): CredentialPass => {
      const rejectionsBefore = rejections;
      const revocationsBefore = revocations;
      const counts = (): boolean => rejectionsBefore === rejections;
      const rejected = (): void => {
        if (!counts()) return;
        cooldown.start();
        rejectAll();
      };
      return {
        rejected,
        accepted: () => {
          if (counts()) move('accepted');
        },
        mayHaveRevoked: () => {
          revocations += 1;
        },
        tokenRejected: () => {
          if (revocationsBefore === revocations) rejected();
        },
        release: () => {
          if (counts()) release?.();
        },
      };
    },
  };
}

function createTrials({ cooldown, monotonicMs, waitersMax }: TrialOptions): Trials {
  let state: CredentialState = 'new';
  let trialsMax = CREDENTIAL_TRIALS_MAX;
  let trials: { readonly untilMs: number }[] = [];
  const waits = createWaits();
  const results = createResults(cooldown, (next) => {
    if (next === 'accepted' && state === 'accepted') return;
    if (next === 'accepted') cooldown.reset();
    state = next;
    trials = [];
    waits.endAll();
  });

  const tryEnter = (passTtlMs: number): CredentialPass | undefined => {
    if (state === 'accepted') return results.begin();
    const nowMs = monotonicMs();
    trials = trials.filter(({ untilMs }) => untilMs > nowMs);
    if (trials.length >= (state === 'new' ? trialsMax : 1)) return undefined;
    const trial = { untilMs: nowMs + passTtlMs };
    trials.push(trial);
    return results.begin(() => {
      trialsMax *= 2;
      trials = trials.filter((other) => other !== trial);
      waits.endAll();
    });
  };
  const wait = async (untilMs: number, passTtlMs: number): Promise<Result<CredentialPass>> => {
    for (;;) {
      const nowMs = monotonicMs();
      const freeMs = Math.min(...trials.map((trial) => trial.untilMs)) - nowMs;
      if (nowMs >= untilMs) {
        return fail(state === 'rejected' ? credentialsOnTrial(freeMs) : deadlinePassed());
      }
      if (waits.count() >= waitersMax) return fail(queueFull());
      await waits.wait(Math.max(1, Math.min(untilMs - nowMs, freeMs)));
      const fault = cooldown.fault();
      if (fault !== undefined) return fail(fault);
      const pass = tryEnter(passTtlMs);
      if (pass !== undefined) return succeed(pass);
    }
  };

  return {
    rejectAll: results.rejectAll,
    enterAnyway: () => results.begin(),
    enter: (untilMs, passTtlMs) => {
      const fault = cooldown.fault();
      if (fault !== undefined) return fail(fault);
      const pass = tryEnter(passTtlMs);
      return pass === undefined ? wait(untilMs, passTtlMs) : succeed(pass);
    },
  };
}

/** Waits that end together: each waiter looks again, so none depends on one who was stopped. */
function createWaits() {
  let ends: (() => void)[] = [];
  return {
    count: (): number => ends.length,
    wait: (waitMsMax: number): Promise<void> => {
      const turn = boundedWait<void>(waitMsMax, () => {
        ends = ends.filter((end) => end !== turn.end);
      });
      ends.push(turn.end);
      return turn.result;
    },
    endAll: (): void => {
      const ended = ends;
      ends = [];
      for (const end of ended) end();
    },
  };
}
