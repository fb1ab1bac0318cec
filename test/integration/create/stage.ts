import { expect } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import type { Unkindness } from '../../../adapters/sandbox-kit/unkind.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import type { StateStore } from '../../../src/state/state-store.ts';
import { clockOf } from '../../support/clock.ts';
import { createInMemoryGateway, UPSTREAM } from '../../support/in-memory.ts';
import { checkResponse } from '../openapi/response-check.ts';

const START_MS = Date.parse('2026-03-01T12:00:00Z');

const KEYSTONE_AUTH = {
  method: 'password',
  url: `${UPSTREAM}/keystone/v3`,
  username: 'admin',
  password: 'sandbox-admin-password',
  userDomain: 'Default',
};

/** The other dialect of IAM. */
const KEYSTONE: JsonObject = {
  vendor: 'iam',
  dialect: 'keystone',
  baseUrl: `${UPSTREAM}/keystone`,
  auth: { ...KEYSTONE_AUTH, project: 'admin', projectDomain: 'Default' },
};

/** A profile that each vendor creates, without its name. */
export const NEW_PROFILES: Readonly<Record<string, JsonObject>> = {
  'senlin-demo': {
    extensions: {
      senlin: {
        spec: {
          type: 'os.heat.stack',
          version: '1.0',
          properties: { template: { resources: null, heat_template_version: '2014-10-16' } },
        },
      },
    },
  },
  'nerm-demo': {
    status: 'active',
    extensions: { nerm: { profile_type_id: '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76' } },
  },
  'iam-demo': { description: 'made' },
  keystone: { description: 'made' },
  'naver-demo': { description: 'made', status: 'active' },
};

export const FOLDERS: Readonly<Record<string, string>> = {
  'senlin-demo': 'senlin',
  'nerm-demo': 'nerm',
  'iam-demo': 'iam',
  keystone: 'keystone',
  'naver-demo': 'naver',
};

/** The way of a request to its vendor: it may be delivered, late or twice, or answered by others. */
export type Passage = (
  request: Request,
  deliver: () => Promise<Response>,
) => Response | Promise<Response>;

export type StageOptions = {
  readonly callers?: JsonObject;
  /** Settings that every target has. */
  readonly settings?: JsonObject;
  readonly state?: StateStore;
  readonly unkind?: readonly Unkindness[];
};

/** A gateway over sandboxes with a clock that sleeping moves on. */
export async function startStage(options: StageOptions = {}) {
  let nowMs = START_MS;
  const now = (): number => nowMs;
  const unkind = { modes: () => options.unkind ?? [], wait: async () => {} };
  const set = createSandboxSet(now, sandboxes, unkind);
  const stage = { passage: undefined as Passage | undefined };
  const targets = Object.fromEntries(
    set.demos.map(({ configuration, target }) => [
      target,
      { ...configuration(UPSTREAM), ...options.settings },
    ]),
  );
  const gateway = await createInMemoryGateway({
    document: {
      version: 1,
      targets: { ...targets, keystone: { ...KEYSTONE, ...options.settings } },
      ...(options.callers === undefined ? {} : { callers: options.callers }),
    },
    fetch: async (request) => {
      const deliver = async () => {
        const answer = await set.fetch(request.clone());
        answer.headers.set('date', new Date(nowMs).toUTCString());
        return answer;
      };
      return (await stage.passage?.(request, deliver)) ?? deliver();
    },
    clock: clockOf(now),
    sleep: async (ms) => {
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    ...(options.state === undefined ? {} : { state: options.state }),
  });
  const sandboxAt = (target: string): Sandbox => {
    const sandbox = set.byFolder.get(FOLDERS[target] ?? '');
    if (sandbox === undefined) throw new Error(`no sandbox of ${target}`);
    return sandbox;
  };
  return {
    ...gateway,
    stage,
    now,
    sandboxAt,
    advance: (ms: number) => {
      nowMs += ms;
    },
    create: async (body: JsonObject, headers: Readonly<Record<string, string>> = {}) => {
      const given: Record<string, string> = { 'idempotency-key': crypto.randomUUID(), ...headers };
      const sent = Object.entries(given).filter(([, value]) => value !== '');
      const question = { body, headers: Object.fromEntries(sent) };
      const answer = await gateway.ask('POST', '/profiles', question);
      const shown = Object.fromEntries(answer.headers);
      const { status, text } = answer;
      expect(checkResponse('POST', '/profiles', status, shown, text)).toEqual([]);
      return answer;
    },
    idsAt: (target: string) => sandboxAt(target).ids?.() ?? [],
  };
}
