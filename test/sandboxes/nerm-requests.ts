import { createSandbox } from '../../adapters/nerm/sandbox/index.ts';
import { SEEDED_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';

export const ORIGIN = 'http://sandbox.test';
export const BEARER = 'Bearer sandbox-nerm-token';
export const START_MS = Date.parse('2026-05-01T12:00:00.250Z');

/** A sandbox whose clock stands still unless a test moves it. */
export function startSandbox(): { nowMs: number; sandbox: Sandbox } {
  const clock = { nowMs: START_MS };
  const sandbox = createSandbox({
    basePath: '/nerm',
    now: () => clock.nowMs,
    peer: (folder) => {
      throw new Error(`no peer ${folder}`);
    },
  });
  return Object.assign(clock, { sandbox });
}

/** Requests to the sandbox that is current when they are made. */
export function requestsTo(current: () => Sandbox) {
  const call = (method: string, path: string, init: RequestInit = {}) =>
    Promise.resolve(current().fetch(new Request(`${ORIGIN}/nerm${path}`, { method, ...init })));
  const send = async (
    method: string,
    id: string,
    body?: string,
    contentType = 'application/json',
  ) => {
    const response = await call(method, `/api/profiles/${id}`, {
      headers: { Authorization: BEARER, 'Content-Type': contentType },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const read = (id: string) => send('GET', id);
  const patch = (profile: unknown, id = SEEDED_IDS.plain) =>
    send('PATCH', id, JSON.stringify({ profile }));
  return { call, send, read, patch };
}
