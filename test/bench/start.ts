import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ROOT } from '../support/child.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from './scenarios.ts';
import { GATEWAY, type Stage } from './stage.ts';

/** Milliseconds from the start of a process to its first patch, and of Node.js alone to its end. */
export type StartTimes = {
  /** Without the code that the build keeps, as where V8 rejects it. */
  readonly cold: readonly number[];
  /** As it is built. */
  readonly warm: readonly number[];
  /** Node.js, which replaces itself once, as the gateway does for its flags. */
  readonly node: readonly number[];
};

const [NAVER] = SCENARIOS;

/** Starts the gateway as its users do, without flags, in rounds of each kind in turn. */
export async function measureStart(stage: Stage, rounds: number): Promise<StartTimes> {
  const file = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const uncompiled = withoutCode(join(stage.folder, 'uncompiled'));
  const times = { cold: [] as number[], warm: [] as number[], node: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.cold.push(await startOnce(uncompiled, file));
    times.warm.push(await startOnce(GATEWAY, file));
    times.node.push(await nodeAlone());
  }
  return times;
}

/** Copies the built gateway, but for what V8 has compiled of it; returns its entry. */
function withoutCode(folder: string): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of [basename(GATEWAY), 'program.cjs']) {
    copyFileSync(join(ROOT, dirname(GATEWAY), name), join(folder, name));
  }
  return join(folder, basename(GATEWAY));
}

async function startOnce(gateway: string, file: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [gateway, '--config', file], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
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
