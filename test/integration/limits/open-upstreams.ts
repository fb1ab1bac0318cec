import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ROOT } from '../../support/child.ts';
import type { Mode } from './front.ts';

/** The process of `upstreams.ts`. */
export type Upstreams = {
  readonly sandboxes: string;
  /** The same sandboxes, which `turn` breaks and mends. */
  readonly front: string;
  readonly turn: (way: Mode | 'refuse') => Promise<void>;
  readonly stop: () => void;
};

export async function openUpstreams(): Promise<Upstreams> {
  const child = spawn(process.execPath, ['test/integration/limits/upstreams.ts'], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => (await lines.next()).value ?? '';
  const { front, sandboxes } = JSON.parse(await nextLine());
  return {
    front,
    sandboxes,
    turn: async (way) => {
      child.stdin.write(`${way}\n`);
      const said = await nextLine();
      if (said !== `now ${way}`) throw new Error(`the upstreams said ${JSON.stringify(said)}`);
    },
    stop: () => child.stdin.end(),
  };
}
