import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { LISTENING, ROOT } from '../child.ts';
import { START_FLAGS } from '../start-flags.ts';

/** A gateway in a process of its own, as its system sees it. */
export type GatewayProcess = {
  readonly origin: string;
  /** Memory that is in use, in MiB. */
  readonly residentMib: () => number;
  readonly descriptors: () => number;
  /** Time of processors that it has taken so far. */
  readonly cpuMs: () => number;
  readonly isRunning: () => boolean;
  /** Its exit code after it was told to stop. */
  readonly stop: () => Promise<number | null>;
};

/** Linux tells times to programs in hundredths of a second. */
const TICK_MS = 10;

export async function startGatewayProcess(file: string): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    [...START_FLAGS, 'src/node.ts', '--config', file, '--port', '0'],
    {
      cwd: ROOT,
      env: { ...process.env, PORT: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const origin = await new Promise<string>((resolve, reject) => {
    let said = '';
    const look = (text: string): void => {
      said += text;
      const match = LISTENING.exec(said);
      if (match === null) return;
      // Its log is read on, and not kept.
      child.stdout.off('data', look).resume();
      resolve(match[1] ?? '');
    };
    child.stdout.setEncoding('utf8').on('data', look);
    void ended.then(() => reject(new Error(`the gateway ended: ${said}`)));
  });
  const place = `/proc/${child.pid}`;
  return {
    origin,
    residentMib: () => {
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${place}/status`, 'utf8')) ?? [];
      return Number(kib) / 1024;
    },
    descriptors: () => readdirSync(`${place}/fd`).length,
    cpuMs: () => {
      // Behind the name in brackets: utime and stime are the 12th and 13th, in ticks.
      const fields = readFileSync(`${place}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    isRunning: () => child.exitCode === null,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}
