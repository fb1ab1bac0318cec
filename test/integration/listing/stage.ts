import { createSandbox as createKeystone } from '../../../adapters/keystone/sandbox/index.ts';
import type { Listing } from '../../../adapters/keystone/sandbox/list.ts';
import { createSandboxSet, type SandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes as factories } from '../../../adapters/sandboxes.ts';
import { isList, isObject, type JsonObject, ownText } from '../../../src/adapter-kit/index.ts';
import { found } from '../../support/gateway.ts';
import {
  type Answer,
  createInMemoryGateway,
  type InMemoryGateway,
  NOW_MS,
  UPSTREAM,
} from '../../support/in-memory.ts';
import { keystoneTarget } from '../../support/profiles.ts';

export type Stage = {
  readonly gateway: InMemoryGateway;
  readonly sandbox: (folder: string) => Sandbox;
  readonly set: SandboxSet;
};

/** A gateway in front of all sandboxes, without sockets; `keystone-demo` may have pages. */
export async function createStage(
  listing: Listing = { paging: 'none' },
  more: Partial<Parameters<typeof createInMemoryGateway>[0]> = {},
): Promise<Stage> {
  const set = createSandboxSet(() => NOW_MS, {
    ...factories,
    keystone: (options) => createKeystone({ ...options, listing }),
  });
  const targets = Object.fromEntries([
    ...set.demos.map((demo) => [demo.target, demo.configuration(UPSTREAM)]),
    ['keystone-demo', keystoneTarget(UPSTREAM)],
  ]);
  const document = { version: 1, targets };
  const gateway = await createInMemoryGateway({ document, fetch: set.fetch, ...more });
  return { gateway, set, sandbox: (folder) => found(set.byFolder.get(folder)) };
}

/** Asks for a page; `query` is what stands beside the target. */
export function listPage({ gateway }: Stage, target: string, query = ''): Promise<Answer> {
  return gateway.ask('GET', `/profiles?target=${target}${query}`);
}

/** The profiles of a page. */
export function profilesOf(answer: Answer): readonly JsonObject[] {
  const { profiles } = answer.body;
  if (answer.status !== 200 || !isList(profiles)) throw new Error(answer.text);
  return profiles.filter(isObject);
}

/** Reads all pages in order and returns the upstream ids; `between` is called after each page. */
export async function walk(
  stage: Stage,
  target: string,
  query: string,
  between: (page: number) => void | Promise<void> = () => {},
): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor = '';
  for (let page = 1; page < 1000; page += 1) {
    const answer = await listPage(stage, target, query + cursor);
    ids.push(...profilesOf(answer).map((profile) => ownText(profile, 'upstreamId') ?? ''));
    const next = ownText(answer.body, 'next');
    if (next === undefined) return ids;
    cursor = `&cursor=${encodeURIComponent(next)}`;
    await between(page);
  }
  throw new Error('the walk has no end');
}

/** The id of a planted profile, its number in front so that ids are in an order of their own. */
export function plantedId(vendor: string, number: number): string {
  const digits = number.toString(16).padStart(8, '0');
  const rest = '-0000-4000-8000-00000000abcd';
  return vendor === 'iam' || vendor === 'keystone'
    ? (digits + rest).replaceAll('-', '')
    : digits + rest;
}
