import { createSandbox as createKeystone } from '../../adapters/keystone/sandbox/index.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';
import { createSandbox } from '../../adapters/senlin/sandbox/index.ts';

export const ORIGIN = 'http://127.0.0.1:8788';
export const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
export const FOREIGN = 'f35ea2c5-8198-44dd-99ed-1b6c1f5c940f';
export const UNKNOWN = '00000000-0000-0000-0000-000000000000';
export const DOMAIN = { id: 'default' };
const JSON_TYPE = { 'content-type': 'application/json' };

type Answer = {
  readonly profile: Readonly<Record<string, unknown>>;
  readonly profiles: { readonly id: string }[];
  readonly error: { readonly type: string; readonly message: string };
  readonly code: unknown;
};

type Texts = Readonly<Record<string, string>>;

export async function read(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** A Senlin and its Keystone on one clock, with a token of user `gateway` in project `demo`. */
export async function startSenlin() {
  const clock = { nowMs: Date.parse('2026-01-05T09:00:00.900Z') };
  const options = { now: () => clock.nowMs, peer: (): Sandbox => keystone };
  const keystone: Sandbox = createKeystone({ ...options, basePath: '/keystone' });
  const senlin = createSandbox({ ...options, basePath: '/senlin' });

  const issue = async (identity: object, scope?: unknown): Promise<string> => {
    const body = JSON.stringify({ auth: { identity, ...(scope ? { scope } : {}) } });
    const url = `${ORIGIN}/keystone/v3/auth/tokens`;
    const request = new Request(url, { method: 'POST', headers: JSON_TYPE, body });
    return (await keystone.fetch(request)).headers.get('x-subject-token') ?? '';
  };
  const login = (name: string, password: string, scope: unknown): Promise<string> => {
    const user = { name, domain: DOMAIN, password };
    return issue({ methods: ['password'], password: { user } }, scope);
  };
  const session = {
    token: await login('gateway', 'sandbox-password', {
      project: { name: 'demo', domain: DOMAIN },
    }),
  };
  const call = async (method: string, path: string, body?: string, headers: Texts = {}) => {
    const sent = { ...JSON_TYPE, 'x-auth-token': session.token, ...headers };
    const init = { method, headers: sent, ...(body === undefined ? {} : { body }) };
    return await senlin.fetch(new Request(`${ORIGIN}/senlin${path}`, init));
  };
  return {
    clock,
    keystone,
    senlin,
    session,
    issue,
    admin: (scope: unknown) => login('admin', 'sandbox-admin-password', scope),
    call,
    patch: (body: string, headers: Texts = {}, id = ID) =>
      call('PATCH', `/v1/profiles/${id}`, body, headers),
  };
}
