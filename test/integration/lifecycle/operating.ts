import { join } from 'node:path';
import type { Json, JsonObject } from '../../../src/adapter-kit/index.ts';
import {
  createVendor,
  document,
  ID,
  type ReplicaOptions,
  startReplica,
  type TestReplica,
} from '../../state/replicas.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { checked } from '../openapi/response-check.ts';

export const KEYS = {
  ops: 'key-of-the-operators',
  watcher: 'key-of-the-watcher-1',
  portal: 'key-of-the-portal-01',
  billing: 'key-of-the-billing-1',
} as const;
export type CallerName = keyof typeof KEYS;

const SCOPES: Readonly<Record<CallerName, readonly string[]>> = {
  ops: ['admin'],
  watcher: ['admin:read'],
  portal: ['profiles:read', 'profiles:write', 'profiles:create', 'profiles:delete'],
  billing: ['profiles:write'],
};

/** Two targets of two accounts, a rule for ids that name none, and callers. */
export const operated: JsonObject = {
  ...document,
  targets: {
    ...(document.targets as JsonObject),
    far: {
      vendor: 'nerm',
      baseUrl: 'http://127.0.0.1:8789/api',
      auth: { method: 'token', token: 'another-key-not-real', scheme: 'Bearer' },
    },
  },
  routes: [{ to: 'acme' }],
  callers: Object.fromEntries(
    Object.entries(KEYS).map(([name, key]) => [
      name,
      { key, scopes: [...(SCOPES[name as CallerName] ?? [])] },
    ]),
  ),
};

export const PROFILE = `acme:${ID}`;

export type Asked = {
  readonly by?: CallerName;
  readonly body?: Json;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Asks a replica; the answer must be as the API document says. */
export async function ask(
  { gateway }: Pick<TestReplica, 'gateway'>,
  method: string,
  path: string,
  { by = 'ops', headers = {}, ...rest }: Asked = {},
) {
  const sent = { authorization: `Bearer ${KEYS[by]}`, ...headers };
  const answer = await gateway.ask(method, path, { ...rest, headers: sent });
  const { status, text } = answer;
  await checked(method, path, { status, text, headers: Object.fromEntries(answer.headers) });
  return { status, text, headers: answer.headers, json: text === '' ? {} : parsed(text) };
}

// Lines of JSON are no JSON.
function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function patch(replica: TestReplica, attributes: JsonObject, asked: Asked = {}) {
  const body = { attributes };
  return ask(replica, 'PATCH', `/profiles/${PROFILE}`, { by: 'portal', body, ...asked });
}

export type Vendor = ReturnType<typeof createVendor>;
export type Start = (
  name?: string,
  options?: ReplicaOptions & { readonly fetch?: Vendor['fetch'] },
) => Promise<TestReplica>;

/** Runs a test with a vendor and with replicas on one state, which are closed after it. */
export function withReplicas(work: (start: Start, vendor: Vendor) => Promise<void>) {
  return inFolder(async (folder) => {
    const running: TestReplica[] = [];
    const vendor = createVendor();
    const start: Start = async (name = 'a', { fetch = vendor.fetch, ...options } = {}) => {
      const replica = await startReplica(name, join(folder, 'state.db'), fetch, {
        document: operated,
        ...options,
      });
      running.push(replica);
      return replica;
    };
    try {
      await work(start, vendor);
    } finally {
      for (const { cut, shared, stopMatching } of running) {
        cut(false);
        await stopMatching();
        await shared.close();
      }
    }
  });
}

/** Waits until something holds. */
export async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + 5_000;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
