import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { V8_FLAGS } from '../../src/node/cli/v8-flags.ts';
import { CLI, LISTENING, ROOT } from '../support/child.ts';
import { type ProcessUsage, usageOf } from '../support/process-usage.ts';

/** A gateway in a process of its own, as its system sees it. */
export type GatewayProcess = {
  readonly origin: string;
  readonly isRunning: () => boolean;
  /** Its exit code after it was told to stop. */
  readonly stop: () => Promise<number | null>;
} & ProcessUsage;

export async function startGatewayProcess(file: string): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [...V8_FLAGS, CLI, '--config', file, '--port', '0'], {
    cwd: ROOT,
    env: { ...process.env, PORT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
  return {
    origin,
    ...usageOf(child.pid),
    isRunning: () => child.exitCode === null,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}
