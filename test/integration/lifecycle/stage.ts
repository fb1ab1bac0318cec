import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { type Child, CLI, end, LISTENING, node } from '../../support/child.ts';
import { close, found } from '../../support/gateway.ts';
import { nermTarget } from '../../support/profiles.ts';

/** A sandbox of nerm on a port, and a folder for configurations. */
export type Stage = {
  readonly folder: string;
  readonly nerm: Sandbox;
  readonly sandboxOrigin: string;
  /** How many requests have come to the sandbox, also those that are held. */
  readonly arrived: () => number;
  /** Holds every request until the returned function is called. */
  readonly hold: () => () => void;
  /** Puts a file into the folder at once, so that nobody reads a part of it; its path. */
  readonly put: (name: string, text: string) => string;
  readonly stop: () => Promise<void>;
};

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-life-'));
  const set = createSandboxSet(Date.now, sandboxes);
  let arrived = 0;
  let held: Promise<void> | undefined;
  const listening = await listen(
    async (request) => {
      arrived += 1;
      await held;
      return set.fetch(request);
    },
    '127.0.0.1',
    0,
  );
  return {
    folder,
    nerm: found(set.byFolder.get('nerm')),
    sandboxOrigin: listening.origin,
    arrived: () => arrived,
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    put: (name, text) => {
      const path = join(folder, name);
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
      return path;
    },
    stop: async () => {
      await close(listening);
      rmSync(folder, { recursive: true });
    },
  };
}

/** A target of the stage's nerm, with settings of the gateway's own. */
export function nermAt({ sandboxOrigin }: Stage, more: JsonObject = {}): JsonObject {
  return nermTarget(more)(sandboxOrigin);
}

/** The `n`th of many upstream ids. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

export type Running = { readonly child: Child; readonly origin: string };

/** A process of the gateway with the configuration at `path`. */
export async function run(path: string, more: readonly string[] = []): Promise<Running> {
  const child = node([...more, CLI, '--config', path, '--port', '0'], {
    env: { LOG_LEVEL: undefined },
  });
  try {
    return { child, origin: (await child.says(LISTENING))[1] ?? '' };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** A process of the gateway with a state in the stage's folder, and its nerm as a target. */
export function runWithState(stage: Stage, more: JsonObject = {}): Promise<Running> {
  const document = {
    version: 1,
    listen: { drainDelayMs: 0 },
    state: { file: './state.db', ...more },
    targets: { nerm: nermAt(stage) },
  };
  return run(stage.put('gateway.json', JSON.stringify(document)));
}

/** Every line of the log of an event. */
export function eventsOf({ child }: Running, event: string): Record<string, unknown>[] {
  const mark = `"event":"${event}"`;
  return child
    .stdout()
    .split('\n')
    .filter((line) => line.includes(mark))
    .map((line) => JSON.parse(line));
}

/** Waits until `holds`, or fails. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}
