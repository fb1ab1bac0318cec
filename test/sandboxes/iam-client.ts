import { expect } from 'vitest';
import { createSandbox } from '../../adapters/iam/sandbox/index.ts';

export const ORIGIN = 'http://127.0.0.1:8788';
export const ID = '23da5961c8214f5caf701c27d9703959';
export const DOMAIN_ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const DOMAIN = { domain: { name: 'OTC-SANDBOX' } };
export const MINUTE_MS = 60_000;

/** The sandbox under test and its clock; `restart` before each test. */
export const world = { nowMs: 0, sandbox: create() };

export function restart(tokenCharacters?: number) {
  world.nowMs = Date.UTC(2026, 0, 5, 9);
  world.sandbox = create(tokenCharacters);
}

function create(tokenCharacters?: number) {
  const peer = () => {
    throw new Error('no peer');
  };
  const options = { basePath: '/iam', now: () => world.nowMs, peer };
  return createSandbox(tokenCharacters === undefined ? options : { ...options, tokenCharacters });
}

export type Sent = { method?: string; headers?: Record<string, string>; body?: unknown };

export async function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const request = new Request(`${ORIGIN}/iam${path}`, {
    method,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  const response = await world.sandbox.fetch(request);
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: answer === '' ? undefined : JSON.parse(answer),
  };
}

export function login(
  scope: unknown = DOMAIN,
  password = 'sandbox-password',
  query = '?nocatalog',
) {
  const user = { name: 'gateway', password, domain: { name: 'OTC-SANDBOX' } };
  const identity = { methods: ['password'], password: { user } };
  const body = { auth: { identity, ...(scope === null ? {} : { scope }) } };
  return send(`/v3/auth/tokens${query}`, { method: 'POST', body });
}

export async function token(scope: unknown = DOMAIN) {
  return { 'x-auth-token': (await login(scope)).headers.get('x-subject-token') ?? '' };
}

export async function patch(project: unknown, id = ID) {
  return send(`/v3/projects/${id}`, { method: 'PATCH', headers: await token(), body: { project } });
}

export async function setStatus(status: unknown, id = ID, scope: unknown = DOMAIN) {
  const body = { project: { status } };
  return send(`/v3-ext/projects/${id}`, { method: 'PUT', headers: await token(scope), body });
}

/** The three shapes of error body. */
export const keystone = (code: number) => ({
  error: { code, message: expect.any(String), title: expect.any(String) },
});
export const gateway = (code: string) => ({
  error_code: code,
  error_msg: expect.any(String),
  request_id: expect.any(String),
});
export const iam = (code: string) => ({ error_code: code, error_msg: expect.any(String) });
