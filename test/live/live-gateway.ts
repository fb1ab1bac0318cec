import { adapters } from '../../adapters/index.ts';
import { readConfiguration } from '../../src/config/read-config.ts';
import { createApp } from '../../src/http/app.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import { createUndiciSend } from '../../src/node/http-client/send.ts';
import { isFailure, type Ports } from '../../src/ports.ts';
import { createMemoryState } from '../../src/state/local-state.ts';
import { clockOf } from '../support/clock.ts';
import type { Variables } from './template.ts';

/** A JSON answer that tests look into without checking each level. */
export type Loose = { readonly [key: string]: Loose };
export type Answer = { readonly status: number; readonly text: string; readonly body: Loose };

/** The gateway in front of the real servers, and a way around it. */
export type LiveGateway = {
  readonly call: (method: string, id: string, patch?: string) => Promise<Answer>;
  /** Reads a page of a target; `query` is what stands beside the target. */
  readonly list: (target: string, query?: string) => Promise<Answer>;
  /** Reads a path of the gateway. */
  readonly get: (path: string) => Promise<Answer>;
  /** Asks a real server directly, as the administrator. */
  readonly direct: (method: string, url: string, body?: object | string) => Promise<Answer>;
  /** Every request the gateway sent: method, path and status. */
  readonly sent: string[];
  /** Moves the gateway's clock. */
  readonly advance: (ms: number) => void;
  /** Creates a profile of a type, and a project, at the real servers. */
  readonly createProfile: (name?: string, type?: keyof typeof SPECS) => Promise<string>;
  readonly createProject: (name: string, members?: object) => Promise<string>;
};

const SPECS = {
  'os.heat.stack': { template: { heat_template_version: '2016-04-08' } },
  'os.nova.server': { name: 'web', flavor: 'm1.small', networks: [] },
};

export async function createLiveGateway(servers: Variables): Promise<LiveGateway> {
  const sent: string[] = [];
  let aheadMs = 0;
  const ask = await openGateway(servers, sent, () => Date.now() + aheadMs);
  const direct = await openDirect(servers);
  return {
    call: (method, id, patch) => ask(method, `/profiles/${id}`, patch),
    list: (target, query = '') => ask('GET', `/profiles?target=${target}${query}`),
    get: (path) => ask('GET', path),
    direct,
    sent,
    advance: (ms) => {
      aheadMs += ms;
    },
    createProfile: async (name = `live-${Date.now()}`, type = 'os.heat.stack') => {
      const spec = { type, version: '1.0', properties: SPECS[type] };
      const profile = { name, metadata: {}, spec };
      const made = await direct('POST', `${servers.senlin}/v1/profiles`, { profile });
      return createdId(made, made.body.profile);
    },
    createProject: async (name, members = {}) => {
      const defaults = { description: 'made for a test', domain_id: 'default' };
      const project = { name, ...defaults, ...members };
      const made = await direct('POST', `${servers.keystone}/v3/projects`, { project });
      return createdId(made, made.body.project);
    },
  };
}

function createdId({ status, text }: Answer, created: Loose | undefined): string {
  if (status !== 201) throw new Error(`not created: ${status} ${text}`);
  return String(created?.id);
}

/** The administrator of the real servers, as a target names it. */
export function adminOf(servers: Variables) {
  return {
    method: 'password',
    url: `${servers.keystone}/v3`,
    username: servers.adminName ?? '',
    password: servers.adminPassword ?? '',
    userDomain: 'Default',
    project: servers.adminProjectName ?? '',
    projectDomain: 'Default',
  };
}

async function openGateway(servers: Variables, sent: string[], now: () => number) {
  const auth = adminOf(servers);
  const wrong = { ...auth, password: 'not-the-password' };
  const iam = { vendor: 'iam', dialect: 'keystone', auth };
  const targets = {
    'senlin-live': { vendor: 'senlin', baseUrl: servers.senlin, auth },
    'senlin-wrong': { vendor: 'senlin', baseUrl: servers.senlin, auth: wrong },
    'iam-live': { ...iam, baseUrl: servers.keystone },
    // Without a second Keystone nothing listens there, and its tests fail.
    'iam-limited': { ...iam, baseUrl: process.env.KEYSTONE_LIMITED_URL ?? 'http://127.0.0.1:9' },
  };
  const { send } = createUndiciSend();
  const clock = clockOf(now);
  const ports: Ports = {
    send: async (request, timeoutMs) => {
      const answer = await send(request, timeoutMs);
      const status = isFailure(answer) ? answer.reason : answer.status;
      sent.push(`${request.method} ${request.path} ${status}`);
      return answer;
    },
    ...clock,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests: nodeDigests,
    state: createMemoryState(clock.monotonicMs),
    log: () => {},
    deadlineMs: 30_000,
  };
  const lookup = { environment: () => undefined };
  const options = { adapters, lookup, clock, digests: nodeDigests };
  const read = await readConfiguration({ version: 1, targets }, options);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const app = createApp({ adapters, ports, gateway: () => read.gateway });
  return async (method: string, path: string, patch?: string): Promise<Answer> => {
    const response = await app.request(`http://localhost${path}`, {
      method,
      headers: { 'content-type': 'application/merge-patch+json' },
      ...(patch === undefined ? {} : { body: patch }),
    });
    return answerOf(response);
  };
}

async function openDirect(servers: Variables): Promise<LiveGateway['direct']> {
  let token = '';
  const direct: LiveGateway['direct'] = async (method, url, body) => {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', 'x-auth-token': token },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    token = response.headers.get('x-subject-token') ?? token;
    return answerOf(response);
  };
  const domain = { id: 'default' };
  const user = { name: servers.adminName, password: servers.adminPassword, domain };
  const identity = { methods: ['password'], password: { user } };
  const scope = { project: { name: servers.adminProjectName, domain } };
  await direct('POST', `${servers.keystone}/v3/auth/tokens`, { auth: { identity, scope } });
  return direct;
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text === '' ? '{}' : text) as Loose };
}
