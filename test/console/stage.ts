import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEEDED_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import { createSandboxSet, type SandboxSet } from '../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { listen } from '../../src/node/http-server/server.ts';
import { type Child, CLI, end, LISTENING, node } from '../support/child.ts';
import { close } from '../support/gateway.ts';
import { NERM, nermTarget } from '../support/profiles.ts';

export const CONSOLE_KEYS = {
  operations: 'pgw_key-of-the-operations-1',
  watcher: 'pgw_key-of-the-watcher-0001',
  portal: 'pgw_key-of-the-portal-00001',
} as const;

/** A profile at the target that never answers writes. */
export const SLOW = `nerm-slow:${SEEDED_IDS.assignment}`;
const START_MS_MAX = 60_000;
const [, UPSTREAM_ID = ''] = NERM.split(':');

/** A gateway in a process of its own, with a state, callers, links and some traffic. */
export type ConsoleStage = {
  readonly origin: string;
  readonly child: Child;
  readonly configuration: string;
  readonly patch: (id: string, body: JsonObject, prefer?: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

/** Starts it; `entry` are the arguments that start the gateway, by default from its sources. */
export async function startConsoleStage(
  entry: readonly string[] = [CLI],
  document: Readonly<Record<string, unknown>> = {},
): Promise<ConsoleStage> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-console-'));
  const set = createSandboxSet(Date.now, sandboxes);
  plantPeople(set);
  const vendors = await listen((request) => answerAsVendor(set, request), '127.0.0.1', 0);
  const configuration = join(folder, 'gateway.yaml');
  writeFileSync(
    join(folder, 'links.jsonl'),
    `${JSON.stringify({ id: 'emp-17', targets: { 'nerm-demo': UPSTREAM_ID } })}\n`,
  );
  const whole = { ...documentOf(set, vendors.origin), ...document };
  writeFileSync(configuration, JSON.stringify(whole));
  const child = node([...entry, '--config', configuration], { env: { LOG_LEVEL: undefined } });
  const [, origin = ''] = await child.says(LISTENING, START_MS_MAX);
  return {
    origin,
    child,
    configuration,
    patch: async (id, body, prefer = 'handling=strict') => {
      const answer = await fetch(`${origin}/profiles/${encodeURIComponent(id)}`, {
        method: 'PATCH',
        headers: {
          authorization: `Bearer ${CONSOLE_KEYS.portal}`,
          'content-type': 'application/merge-patch+json',
          prefer,
        },
        body: JSON.stringify(body),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
    stop: async () => {
      await end(child);
      await close(vendors);
      rmSync(folder, { recursive: true });
    },
  };
}

/** People at two targets, some of them under names that do not tell them apart. */
const PEOPLE = {
  senlin: [
    ...['Noa Lindqvist', 'Amir Haddad', 'Ines Moreau', 'Tomas Novak', 'Yuki Tanaka'],
    ...['Lena Fischer', 'Omar Diallo', 'Ruth Okafor', 'Sofia Rossi', 'Pavel Horak'],
  ],
  naver: [
    ...['noa lindqvist', 'Amir  Haddad', 'INES MOREAU', 'Tomas Novak', 'Yuki Tanaka'],
    ...['Lena Fischer', 'lena fischer', 'Omar Diallo', 'Ada Kowalski', 'Mira Petrova'],
  ],
} as const;

function plantPeople({ byFolder }: SandboxSet): void {
  for (const [folder, names] of Object.entries(PEOPLE)) {
    for (const [i, name] of names.entries()) {
      const begin = folder === 'senlin' ? '5e000' : '3a000';
      const id = `${begin}${i.toString(16).padStart(3, '0')}-0000-4000-8000-00000000abcd`;
      byFolder.get(folder)?.seed(id, { name });
    }
  }
}

/** Lets callers read and write, so that every view has something to show. */
export async function makeTraffic(
  { origin, patch }: ConsoleStage,
  rounds: number,
  hasFailures = true,
): Promise<void> {
  const headers = { authorization: `Bearer ${CONSOLE_KEYS.portal}` };
  for (let i = 0; i < rounds; i += 1) {
    await patch('emp-17', { attributes: { cost_centre: String(4_700 + (i % 7)) } });
    await patch('emp-17', { attributes: { cost_centre: 4_800 + (i % 5) } }, 'handling=lenient');
    for (const id of [NERM, 'emp-17', 'emp-17', 'emp-99']) {
      await (await fetch(`${origin}/profiles/${id}`, { headers })).arrayBuffer();
    }
  }
  if (!hasFailures) return;
  await patch(NERM, { name: 4 });
  await patch(NERM, { attributes: { end_date: 'tomorrow, if the weather allows' } });
  await patch(SLOW, { attributes: { cost_centre: '4800' } });
}

/** Answers as the sandboxes do; below `/slow` writes get no answer that says anything. */
export async function answerAsVendor(set: SandboxSet, request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (!url.pathname.startsWith('/slow/')) return set.fetch(request);
  if (request.method !== 'GET') return new Response('gateway timeout', { status: 504 });
  url.pathname = url.pathname.slice('/slow'.length);
  return set.fetch(new Request(url, request));
}

export function documentOf(set: SandboxSet, origin: string): JsonObject {
  const targets = Object.fromEntries(
    set.demos.map((demo) => [demo.target, demo.configuration(origin)]),
  );
  return {
    version: 1,
    listen: { port: 0, drainDelayMs: 0 },
    logLevel: 'error',
    state: { file: './state.db' },
    links: './links.jsonl',
    targets: {
      ...targets,
      'nerm-slow': { ...nermTarget()(origin), baseUrl: `${origin}/slow/nerm/api` },
    },
    routes: [
      { match: { id: 'emp-*' }, to: 'nerm-demo' },
      { match: { id: 'emp-1*', header: { 'x-tenant': 'acme' } }, to: 'nerm-slow' },
      { match: { id: 'proj-{upstreamId}' }, to: 'iam-demo', handling: 'strict' },
      { to: 'senlin-demo' },
    ],
    callers: {
      operations: {
        key: CONSOLE_KEYS.operations,
        scopes: ['admin', 'profiles:read', 'profiles:write'],
      },
      watcher: { key: CONSOLE_KEYS.watcher, scopes: ['admin:read'] },
      portal: { key: CONSOLE_KEYS.portal, scopes: ['profiles:read', 'profiles:write'] },
    },
  };
}
