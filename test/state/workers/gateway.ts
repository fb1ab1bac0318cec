import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { type Child, CLI, end, LISTENING, node } from '../../support/child.ts';

/** A gateway of several workers on a state in a file. */
export type WorkersGateway = {
  readonly child: Child;
  readonly origin: string;
  /** Replaces the configuration, as an operator does. */
  readonly configure: (document: JsonObject) => void;
  /** Process ids of the workers with open sessions. */
  readonly pids: () => Promise<number[]>;
  readonly get: (path: string) => Promise<JsonObject>;
  /** Sum of the samples of a metric whose labels have this text. */
  readonly metric: (name: string, labels?: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Short, so that the writes of a worker that was killed are closed soon. */
const STATE = { file: './state.db', sessionMs: 2_000, timeoutMs: 1_000 };

/** Completes a configuration for `startWorkers`. */
export function withState(document: JsonObject): JsonObject {
  return { listen: { drainDelayMs: 500 }, state: STATE, ...document };
}

/** Starts the gateway, with `flags` of Node for each of its processes. */
export async function startWorkers(
  document: JsonObject,
  workers = 2,
  flags: readonly string[] = [],
): Promise<WorkersGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-workers-'));
  const file = join(folder, 'gateway.json');
  const configure = (wanted: JsonObject): void => {
    writeFileSync(`${file}.new`, JSON.stringify(wanted));
    renameSync(`${file}.new`, file);
  };
  configure(document);
  const args = [CLI, '--config', file, '--port', '0', '--workers', `${workers}`];
  const child = node([...flags, ...args]);
  const [, origin = ''] = await child.says(LISTENING, 20_000);
  const get = async (path: string): Promise<JsonObject> =>
    (await fetch(`${origin}${path}`)).json() as Promise<JsonObject>;
  return {
    child,
    origin,
    configure,
    get,
    pids: async () => {
      const { replicas } = (await get('/admin/replicas')) as { replicas: { name: string }[] };
      return replicas.map(({ name }) => Number(name.split('/').at(-1)));
    },
    metric: async (name, labels = '') => {
      const text = await (await fetch(`${origin}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
      const values = lines.filter((line) => line.includes(labels)).map((line) => line.split(' '));
      return values.reduce((sum, parts) => sum + Number(parts.at(-1)), 0);
    },
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
