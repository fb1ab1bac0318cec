import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { OTHERS_CORE, pinned } from './cores.ts';

/** Patches of one shape for many profiles, as fast as they are answered. */
export type Load = {
  readonly origin: string;
  /** `%n` stands for the number of the profile, in twelve digits. */
  readonly path: string;
  readonly body: string;
  readonly key: string;
  readonly connections: number;
  readonly seconds: number;
  /** Media type of the body; by default that of a merge patch. */
  readonly type?: string;
  /** Number of profiles in turn; wrk holds the request of each. */
  readonly profiles?: number;
  /** Nothing more is asked once so many requests are answered, within the same seconds. */
  readonly requestsMax?: number;
};

export type Loaded = z.infer<typeof resultSchema>;

const resultSchema = z.object({
  requests: z.number(),
  durationMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Answers that were no success, and connections that broke. */
  failed: z.number(),
});

/** More than the callers that ask at once, so that no two of them write one profile. */
const PROFILES = 4096;
const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));

/** Runs wrk with one thread; throws where it could not measure, or where a request failed. */
export async function runLoad(load: Load): Promise<Loaded> {
  const { body, connections, key, origin, path, profiles = PROFILES, requestsMax, seconds } = load;
  const { type = 'application/merge-patch+json' } = load;
  const [command, args] = pinned(OTHERS_CORE, 'wrk', [
    ...['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT],
    ...[origin, '--', path, key, String(profiles), type],
    ...(requestsMax === undefined ? [] : [String(requestsMax)]),
  ]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  // An argument of a program has at most 128 KiB. A wrk that has ended says so by its output.
  child.stdin.on('error', () => {}).end(body);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  const [, line] = /^RESULT (.*)$/m.exec(said) ?? [];
  if (line === undefined) throw new Error(`wrk measured nothing: ${said}`);
  const result = resultSchema.parse(JSON.parse(line));
  if (result.failed > 0) throw new Error(`${result.failed} requests to ${origin}${path} failed`);
  return result;
}
