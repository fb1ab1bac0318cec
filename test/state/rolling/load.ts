import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { type Asked, requestIdOf } from '../chaos/callers.ts';
import type { Profile } from '../chaos/vendors.ts';

/** Callers that read and write through one origin until they are stopped. */
export type Load = {
  readonly asked: readonly Asked[];
  /** Requests that did not succeed, and how they ended. */
  readonly failures: readonly string[];
  readonly reads: () => number;
  readonly stop: () => Promise<void>;
};

const WRITERS = 8;
const READERS = 4;
const PAUSE_MS = 5;
const WAIT_MS_MAX = 40_000;
/**
 * Each request has a connection of its own: a proxy may close an idle one at any time, and a caller
 * that has just begun to send on it would not know how its write ended.
 */
const agent = new Agent({ keepAlive: false });

export function startLoad(
  origin: string,
  profiles: readonly Profile[],
  random: () => number,
): Load {
  const asked: Asked[] = [];
  const failures: string[] = [];
  let reads = 0;
  let isStopped = false;
  const one = (): Profile => profiles[Math.floor(random() * profiles.length)] as Profile;

  const write = async (): Promise<void> => {
    const profile = one();
    const number = asked.length + 1;
    const patch = profile.patchOf(number, random);
    const unknown = { outcome: undefined, code: undefined, writeId: undefined };
    const mine: Asked = { number, profile, patch, ...unknown };
    asked.push(mine);
    const { body, status, writeId } = await ask(`${origin}/profiles/${profile.id}`, mine);
    mine.outcome = ownText(ownObject(body, 'write') ?? body, 'outcome');
    mine.code = ownText(body, 'code');
    mine.writeId = writeId;
    if (status !== 200) failures.push(`PATCH ${number}: ${status} ${mine.code} ${mine.outcome}`);
  };
  const read = async (): Promise<void> => {
    const { body, status } = await ask(`${origin}/profiles/${one().id}`);
    reads += 1;
    if (status !== 200) failures.push(`GET: ${status} ${ownText(body, 'code')}`);
  };
  const run = async (task: () => Promise<void>): Promise<void> => {
    while (!isStopped) {
      await task().catch((error) => failures.push(String(error)));
      await sleep(PAUSE_MS);
    }
  };
  const running = [
    ...Array.from({ length: WRITERS }, () => run(write)),
    ...Array.from({ length: READERS }, () => run(read)),
  ];
  return {
    asked,
    failures,
    reads: () => reads,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

type Answered = {
  readonly status: number;
  readonly body: JsonObject;
  readonly writeId: string | undefined;
};

function ask(url: string, write?: Asked): Promise<Answered> {
  const headers = write && {
    'content-type': 'application/merge-patch+json',
    'x-request-id': requestIdOf(write.number),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      agent,
      method: write === undefined ? 'GET' : 'PATCH',
      headers: headers ?? {},
      signal: AbortSignal.timeout(WAIT_MS_MAX),
    });
    sent.on('error', reject).on('response', async (answer) => {
      try {
        let text = '';
        for await (const chunk of answer) text += String(chunk);
        const { 'x-write-id': id } = answer.headers;
        const writeId = typeof id === 'string' ? id : undefined;
        const isJson = answer.headers['content-type']?.includes('json') === true;
        const body = isJson ? JSON.parse(text) : {};
        resolve({ status: answer.statusCode ?? 0, body, writeId });
      } catch (error) {
        reject(error);
      }
    });
    sent.end(write && JSON.stringify(write.patch));
  });
}
