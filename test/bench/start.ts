import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ROOT } from '../support/child.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from './scenarios.ts';
import { GATEWAY, type Stage } from './stage.ts';

/** Milliseconds from the start of a process to its first patch, and of Node.js alone to its end. */
export type StartTimes = {
  /** No code of an earlier start is kept. */
  readonly cold: readonly number[];
  /** An earlier start has left its compiled code. */
  readonly warm: readonly number[];
  /** Node.js, which replaces itself once, as the gateway does for its flags. */
  readonly node: readonly number[];
};

const [NAVER] = SCENARIOS;

/** Starts the gateway as its users do, without flags, in rounds of each kind in turn. */
export async function measureStart(stage: Stage, rounds: number): Promise<StartTimes> {
  const file = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const cache = join(stage.folder, 'compiled');
  const times = { cold: [] as number[], warm: [] as number[], node: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    rmSync(cache, { recursive: true, force: true });
    times.cold.push(await startOnce(file, cache));
    times.warm.push(await startOnce(file, cache));
    times.node.push(await nodeAlone());
  }
  return times;
}

async function startOnce(file: string, cache: string): Promise<number> {
  const startMs = performance.now();
  const env = { ...process.env, NODE_ENV: 'production', XDG_CACHE_HOME: cache };
  const child = spawn(process.execPath, [GATEWAY, '--config', file], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const status = await patch(await listeningOrigin(child.stdout));
    if (status !== 200) throw new Error(`the first patch was answered by ${status}`);
    return performance.now() - startMs;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** Reads the log up to the line that says where the gateway listens. */
async function listeningOrigin(log: Readable): Promise<string> {
  let read = '';
  for await (const chunk of log.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    read += chunk;
    const [, origin] = /"listening","message":"([^"]+)"/.exec(read) ?? [];
    if (origin !== undefined) {
      log.resume();
      return origin;
    }
  }
  throw new Error('the gateway did not start');
}

async function patch(origin: string): Promise<number> {
  const path = `/profiles/${callerId('naver')}`.replace('%n', '000000000007');
  const response = await fetch(origin + path, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/merge-patch+json',
      authorization: `Bearer ${CALLER_KEY}`,
    },
    body: JSON.stringify(NAVER?.body),
  });
  await response.arrayBuffer();
  return response.status;
}

const REPLACE_ONCE = 'process.execve(process.execPath, [process.execPath, "-e", "0"], process.env)';

async function nodeAlone(): Promise<number> {
  const startMs = performance.now();
  await once(spawn(process.execPath, ['-e', REPLACE_ONCE], { stdio: 'ignore' }), 'exit');
  return performance.now() - startMs;
}
