import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import type { ReplicaProcess } from './replica-process.ts';
import type { Profile } from './vendors.ts';

/** A write as its caller saw it; without an outcome where the connection broke. */
export type Asked = {
  readonly number: number;
  readonly profile: Profile;
  readonly patch: JsonObject;
  outcome: string | undefined;
  code: string | undefined;
  writeId: string | undefined;
};

/** Pause of a caller between two writes, at most. */
const PAUSE_MS_MAX = 40;
const WAIT_MS_MAX = 40_000;

export type Callers = {
  readonly asked: readonly Asked[];
  /** Begins no more writes; resolves once each has ended. */
  readonly stop: () => Promise<void>;
};

/** Starts `count` callers at each replica, which patch random profiles one after the other. */
export function startCallers(
  replicas: readonly Pick<ReplicaProcess, 'origin'>[],
  profiles: readonly Profile[],
  count: number,
  random: () => number,
  isKeyed = false,
): Callers {
  const asked: Asked[] = [];
  let isStopped = false;

  const call = async (replica: (typeof replicas)[number]): Promise<void> => {
    while (!isStopped) {
      await sleep(random() * PAUSE_MS_MAX);
      const origin = replica.origin();
      const profile = profiles[Math.floor(random() * profiles.length)];
      if (origin === undefined || profile === undefined) continue;
      const number = asked.length + 1;
      const patch = profile.patchOf(number, random);
      const one: Asked = {
        number,
        profile,
        patch,
        outcome: undefined,
        code: undefined,
        writeId: undefined,
      };
      asked.push(one);
      await ask(origin, one, isKeyed).catch(() => {});
    }
  };
  const running = replicas.flatMap((replica) => Array.from({ length: count }, () => call(replica)));
  return {
    asked,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

/** The id of a request, by which its receipt is found. */
export function requestIdOf(number: number): string {
  return `write-${number}`;
}

/** Sends a write, under a key of its own where `isKeyed`; true where the answer is a repeated one. */
export async function ask(origin: string, one: Asked, isKeyed: boolean): Promise<boolean> {
  const response = await fetch(`${origin}/profiles/${one.profile.id}`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/merge-patch+json',
      'x-request-id': requestIdOf(one.number),
      ...(isKeyed && { 'idempotency-key': requestIdOf(one.number) }),
    },
    body: JSON.stringify(one.patch),
    signal: AbortSignal.timeout(WAIT_MS_MAX),
  });
  const body: JsonObject = JSON.parse(await response.text());
  one.outcome = ownText(ownObject(body, 'write') ?? body, 'outcome');
  one.code = ownText(body, 'code');
  one.writeId = response.headers.get('x-write-id') ?? undefined;
  return response.headers.get('idempotency-replayed') === 'true';
}
