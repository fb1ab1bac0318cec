import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { CLI, end, LISTENING, node } from '../support/child.ts';
import type { Loose } from './live-gateway.ts';

/** An answer of a gateway process. `location` is empty where it has none. */
export type ProcessAnswer = {
  readonly status: number;
  readonly location: string;
  readonly isReplayed: boolean;
  readonly body: Loose;
};

/** A gateway as it is operated: a process with its configuration and a state on disk. */
export type LiveProcess = {
  readonly ask: (method: string, path: string, body?: JsonObject) => Promise<ProcessAnswer>;
  /** Creates a profile; `key` is its Idempotency-Key, by default a new one. */
  readonly create: (body: JsonObject, key?: string) => Promise<ProcessAnswer>;
  readonly stop: () => Promise<void>;
};

/** Longest start of a gateway, beside real servers that use all of the machine. */
const START_MS_MAX = 60_000;

/** Starts a gateway of these targets; ids without a target go to the first one. */
export async function startLiveProcess(
  targets: Readonly<Record<string, JsonObject>>,
): Promise<LiveProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-live-'));
  const file = join(folder, 'gateway.yaml');
  const routes = [{ to: Object.keys(targets)[0] ?? '' }];
  const state = { file: join(folder, 'state.db') };
  writeFileSync(file, JSON.stringify({ version: 1, state, targets, routes }), { mode: 0o600 });
  const child = node([CLI, '--config', file, '--port', '0']);
  const [, origin = ''] = await child.says(LISTENING, START_MS_MAX);
  const send = async (method: string, path: string, headers: JsonObject, body?: JsonObject) => {
    const response = await fetch(origin + path, {
      method,
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      isReplayed: response.headers.get('idempotency-replayed') === 'true',
      body: JSON.parse(text === '' ? '{}' : text),
    };
  };
  return {
    ask: (method, path, body) => send(method, path, {}, body),
    create: (body, key = crypto.randomUUID()) =>
      send('POST', '/profiles', key === '' ? {} : { 'idempotency-key': key }, body),
    stop: async () => {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
