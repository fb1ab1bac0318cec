import { expect } from 'vitest';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import {
  type HttpRequest,
  isObject,
  type JsonObject,
  parseExact,
} from '../../../src/adapter-kit/index.ts';
import type { Explanation } from '../../../src/profiles/explain-patch.ts';
import type { Target } from '../../../src/upstream/target.ts';
import { createInMemoryGateway, NOW_MS, type Sent, UPSTREAM } from '../../support/in-memory.ts';
import { iamTarget, keystoneTarget } from '../../support/profiles.ts';
import type { Case } from './patches.ts';

/** Two gateways in front of one set of sandboxes: one explains, the other writes. */
export async function start(parts: JsonObject = {}) {
  const set = createSandboxSet(() => NOW_MS, sandboxes);
  const base = sandboxConfiguration(set, UPSTREAM);
  const targets = {
    ...(isObject(base.targets) ? base.targets : {}),
    'keystone-demo': keystoneTarget(UPSTREAM),
    'iam-status': iamTarget('iam', 'sandbox-password', true)(UPSTREAM),
  };
  const options = { document: { ...base, targets, ...parts }, fetch: set.fetch };
  const [explaining, writing] = [
    await createInMemoryGateway(options),
    await createInMemoryGateway(options),
  ];
  const changes = () => [...set.byFolder.values()].flatMap(({ journal }) => journal());
  return { explaining, writing, changes, set };
}

export type Started = Awaited<ReturnType<typeof start>>;

export async function explain({ explaining }: Started, { id, lenient, patch }: Case, query = '') {
  const headers = lenient === true ? { prefer: 'handling=lenient' } : {};
  const path = `/profiles/${id}/explain${query}`;
  const answer = await explaining.ask('POST', path, { body: patch, headers });
  expect(answer.status, answer.text).toBe(200);
  return { ...answer, explanation: parseExact(answer.text) as unknown as Explanation };
}

/**
 * Makes the write that was explained, and tells what was sent for it. A vendor may end the token
 * with a write: what it then refused was sent again with a fresh one, and counts once.
 */
export async function write({ writing }: Started, { id, lenient, patch }: Case): Promise<Sent[]> {
  const headers = lenient === true ? { prefer: 'handling=lenient' } : {};
  const answer = await writing.ask('PATCH', `/profiles/${id}`, { body: patch, headers });
  expect(answer.status, answer.text).toBe(200);
  const accepted = writing.sent.filter(({ status }) => status !== 401);
  return accepted.filter((request, i) => i === 0 || !isTokenRequest(request));
}

export function isTokenRequest({ path }: HttpRequest): boolean {
  return /\/auth\/tokens\?nocatalog$/.test(path);
}

export function targetOf({ writing }: Started, id: string): Target {
  const target = writing.targets.get(id.slice(0, id.indexOf(':')));
  if (target === undefined) throw new Error(`no target for ${id}`);
  return target;
}
