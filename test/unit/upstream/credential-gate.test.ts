import { describe, expect, test } from 'vitest';
import type { Fault, Result } from '../../../src/adapter-kit/index.ts';
import {
  CREDENTIAL_ADOPTED_MS,
  CREDENTIAL_COOLDOWN_MS,
  CREDENTIAL_COOLDOWN_MS_MAX,
  CREDENTIAL_TRIALS_MAX,
} from '../../../src/limits.ts';
import {
  type CredentialPass,
  createCredentialGate,
} from '../../../src/upstream/credential-gate.ts';
import { passOf } from '../../support/credentials.ts';

const WAITERS_MAX = 10;
const PASS_MS = 60_000;

function start() {
  const clock = { ms: 5_000 };
  const gate = createCredentialGate(() => clock.ms, WAITERS_MAX);
  const passes: CredentialPass[] = [];
  const faults: Fault[] = [];
  /** Asks for a pass; its end is in `passes` or `faults`. */
  const ask = ({ untilMs = clock.ms + 60_000, passMs = PASS_MS } = {}): void => {
    const keep = (entered: Result<CredentialPass>): void => {
      if (entered.ok) passes.push(entered.value);
      else faults.push(entered.fault);
    };
    const entered = gate.enter(untilMs, passMs);
    if (entered instanceof Promise) void entered.then(keep);
    else keep(entered);
  };
  const askTimes = (count: number): void => {
    for (let i = 0; i < count; i += 1) ask();
  };
  /** Has one more pass end, after everybody who waits has looked. */
  const end = async (
    how: 'accepted' | 'rejected' | 'tokenRejected' | undefined,
    place = 0,
  ): Promise<void> => {
    const pass = passes[place];
    if (how !== undefined) pass?.[how]();
    pass?.release();
    await settled();
  };
  return { clock, gate, passes, faults, ask, askTimes, end };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a token that was rejected where writes may revoke tokens', () => {
  test('starts a cooldown, although reads are accepted', async () => {
    const { ask, askTimes, end, faults } = start();
    ask();
    await end('accepted');
    askTimes(2);
    await end('accepted', 1);
    await end('tokenRejected', 2);
    ask();
    expect(faults).toMatchObject([{ code: 'target_unauthorized' }]);
  });

  test('says nothing if a write since may have revoked it', async () => {
    const { askTimes, end, faults, passes } = start();
    askTimes(1);
    await end('accepted');
    askTimes(2);
    passes[1]?.mayHaveRevoked();
    await end('tokenRejected', 2);
    askTimes(1);
    expect(faults).toEqual([]);
    expect(passes).toHaveLength(4);
  });
});

describe('a new credential', () => {
  test('is sent by a few at once, and by all once it is accepted', async () => {
    const { askTimes, end, passes } = start();
    askTimes(8);
    expect(passes).toHaveLength(CREDENTIAL_TRIALS_MAX);
    await end('accepted');
    expect(passes).toHaveLength(8);
    askTimes(50);
    expect(passes).toHaveLength(58);
  });

  test('that is rejected is sent by no other, whoever waits', async () => {
    const { askTimes, end, faults, passes } = start();
    askTimes(8);
    await end('rejected');
    await end('rejected', 1);
    expect(passes).toHaveLength(CREDENTIAL_TRIALS_MAX);
    const coolingDown = { code: 'target_unauthorized', effect: 'none', retryAfterSeconds: 30 };
    expect(faults).toEqual(faults.map(() => expect.objectContaining(coolingDown)));
    expect(faults).toHaveLength(6);
  });

  test('is sent by twice as many after each result that shows nothing', async () => {
    const { askTimes, end, passes } = start();
    askTimes(9);
    await end(undefined);
    expect(passes).toHaveLength(1 + 2 * CREDENTIAL_TRIALS_MAX);
  });

  test('is waited for by a bounded number, and no longer than told', async () => {
    const { ask, askTimes, clock, faults } = start();
    ask();
    ask();
    ask({ untilMs: clock.ms + 20 });
    askTimes(WAITERS_MAX - 1);
    expect(faults).toEqual([]);
    ask();
    await settled();
    expect(faults.map(({ code }) => code)).toEqual(['overloaded']);
    clock.ms += 20;
    await sleep(40);
    expect(faults.map(({ code }) => code)).toEqual(['overloaded', 'target_timeout']);
  });
});

describe('a rejected credential', () => {
  test('cools down twice as long each time, up to a bound, until it is accepted', () => {
    const { clock, gate } = start();
    const secondsOf: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const pass = passOf(gate);
      pass.rejected();
      pass.rejected();
      const seconds = gate.cooldown()?.retryAfterSeconds ?? 0;
      secondsOf.push(seconds);
      clock.ms += seconds * 1000 - 1;
      expect(gate.cooldown()).toMatchObject({ code: 'target_unauthorized', effect: 'none' });
      clock.ms += 1;
      expect(gate.cooldown()).toBeUndefined();
    }
    const first = CREDENTIAL_COOLDOWN_MS / 1000;
    const most = CREDENTIAL_COOLDOWN_MS_MAX / 1000;
    expect(secondsOf).toEqual([first, 2 * first, 4 * first, 8 * first, most, most]);
    passOf(gate).accepted();
    passOf(gate).rejected();
    expect(gate.cooldown()?.retryAfterSeconds).toBe(first);
  });

  test('is sent by one at a time after its cooldown, and by all once it is accepted', async () => {
    const { askTimes, clock, end, faults, gate, passes } = start();
    passOf(gate).rejected();
    clock.ms += CREDENTIAL_COOLDOWN_MS;
    askTimes(5);
    expect(passes).toHaveLength(1);
    await end(undefined);
    expect(passes).toHaveLength(2);
    await end('accepted', 1);
    expect(passes).toHaveLength(5);
    await end('rejected', 2);
    expect(gate.cooldown()).toBeDefined();
    expect(faults).toEqual([]);
  });

  test('makes nobody wait beyond their time, who then learn when to come back', async () => {
    const { ask, clock, faults, gate } = start();
    passOf(gate).rejected();
    clock.ms += CREDENTIAL_COOLDOWN_MS;
    ask();
    ask({ untilMs: clock.ms + 20 });
    clock.ms += 20;
    await sleep(40);
    expect(faults).toMatchObject([
      { code: 'target_unauthorized', effect: 'none', retryAfterSeconds: PASS_MS / 1000 },
    ]);
  });

  test('is tried by another where the one who tries never ends', async () => {
    const { ask, clock, faults, gate, passes } = start();
    passOf(gate).rejected();
    clock.ms += CREDENTIAL_COOLDOWN_MS;
    ask({ passMs: 20 });
    ask();
    expect(passes).toHaveLength(1);
    clock.ms += 20;
    await sleep(40);
    expect([passes.length, faults]).toEqual([2, []]);
  });

  test('is judged by no result of a request that began before', async () => {
    const { askTimes, clock, end, gate, passes } = start();
    passOf(gate).accepted();
    askTimes(4);
    await end('rejected', 0);
    await end('accepted', 1);
    expect(gate.cooldown()?.retryAfterSeconds).toBe(30);
    clock.ms += CREDENTIAL_COOLDOWN_MS;
    await end('rejected', 2);
    await end('accepted', 3);
    expect(gate.cooldown()).toBeUndefined();
    askTimes(2);
    expect(passes).toHaveLength(5);
  });
});

describe('a cooldown that another process has begun', () => {
  const adopted = { leftMs: 30_000, lengthMs: 60_000 };

  test('is taken over once, a while longer, and the next one is twice as long', async () => {
    const { ask, clock, end, faults, gate, passes } = start();
    gate.adopt(adopted);
    clock.ms += 20_000;
    gate.adopt({ ...adopted, leftMs: 10_000 });
    clock.ms += 10_000 + CREDENTIAL_ADOPTED_MS - 1;
    ask();
    expect([passes.length, faults.length]).toEqual([0, 1]);
    clock.ms += 1;
    ask();
    expect(passes).toHaveLength(1);
    await end('rejected');
    expect(gate.cooldown()?.retryAfterSeconds).toBe(120);
  });

  test('makes what is under way count no more', async () => {
    const { askTimes, end, gate } = start();
    askTimes(1);
    gate.adopt(adopted);
    await end('accepted');
    expect(gate.cooldown()).toBeDefined();
  });

  test('ends with that of the other, but not one that began here', async () => {
    const { askTimes, end, gate } = start();
    gate.adopt(adopted);
    gate.adopt(undefined);
    expect(gate.cooldown()).toBeUndefined();
    askTimes(1);
    await end('rejected');
    gate.adopt(undefined);
    expect(gate.cooldown()).toBeDefined();
  });

  test('is reported where it begins, also before anybody listened, and when it is over', async () => {
    const { askTimes, clock, end, gate } = start();
    askTimes(1);
    await end('rejected');
    clock.ms += 10_000;
    const reported: number[] = [];
    gate.shareBy((lengthMs) => reported.push(lengthMs));
    gate.adopt({ leftMs: 20_000, lengthMs: 30_000 });
    clock.ms += 20_000;
    askTimes(1);
    await end('rejected', 1);
    clock.ms += 60_000;
    askTimes(1);
    await end('accepted', 2);
    expect(reported).toEqual([20_000, 60_000, 0]);
  });
});
