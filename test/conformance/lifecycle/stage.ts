import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  ownText,
} from '../../../src/adapter-kit/index.ts';
import type { Send } from '../../../src/ports.ts';
import { createFetchSend } from '../../../src/workers/fetch-client.ts';
import { type Answer, type Bench, type Clock, createBench, START_MS, TARGET } from '../bench.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The gateway in front of one subject's sandbox, with what the chapters ask of it. */
export type Stage = Bench & {
  readonly subject: LifecycleSubject;
  readonly sandbox: Sandbox;
  /** Ids of all profiles that the vendor stores, sorted. */
  readonly ids: () => readonly string[];
  readonly read: (upstreamId: string) => Promise<Answer>;
  /** Creates a profile with a key of its own. */
  readonly create: (members: JsonObject) => Promise<Answer>;
  readonly remove: (upstreamId: string) => Promise<Answer>;
  readonly list: (query: Readonly<Record<string, string>>) => Promise<Answer>;
};

export async function createStage(
  subject: LifecycleSubject,
  around: (send: Send) => Send = (send) => send,
): Promise<Stage> {
  const clock: Clock = { nowMs: START_MS };
  const set = createSandboxSet(() => clock.nowMs, subject.sandboxes, {
    modes: () => subject.unkind,
  });
  const sandbox = set.byFolder.get(subject.folder);
  if (sandbox === undefined) throw new Error(`no sandbox ${subject.folder}`);
  const { adapter, settings, vendor } = subject;
  const send = around(createFetchSend(set.fetch));
  const bench = await createBench({ vendor, settings, send, clock, adapter });
  let keys = 0;
  const pathOf = (id: string): string => `/profiles/${TARGET}:${encodeURIComponent(id)}`;
  return {
    ...bench,
    subject,
    sandbox,
    ids: () => [...(sandbox.ids?.() ?? [])].sort(),
    read: (id) => bench.call('GET', pathOf(id)),
    create: (members) => {
      keys += 1;
      // Times of creation differ, as of profiles that people make.
      clock.nowMs += 1000;
      const headers = { 'idempotency-key': `key-${keys}` };
      return bench.call('POST', '/profiles', { body: { target: TARGET, ...members }, headers });
    },
    remove: (id) => bench.call('DELETE', pathOf(id)),
    list: (query) =>
      bench.call('GET', `/profiles?${new URLSearchParams({ target: TARGET, ...query })}`),
  };
}

/** The profile of an answer. */
export function profileOf({ body }: Answer): JsonObject {
  const profile = ownObject(body, 'profile');
  if (profile === undefined) throw new Error(`no profile in ${JSON.stringify(body)}`);
  return profile;
}

/** The vendor's own id of a profile. */
export function upstreamIdOf(profile: JsonObject): string {
  return ownText(profile, 'upstreamId') ?? '';
}

/** The profiles of a page. */
export function itemsOf({ body, status }: Answer): readonly JsonObject[] {
  const { profiles } = body;
  if (status !== 200 || !isList(profiles)) throw new Error(JSON.stringify(body));
  return profiles.filter(isObject);
}

/** More pages than any walk of the suite has. */
const PAGES_MAX = 100;

/** A walk over all pages, or up to the first one that is refused. */
export type Walk = {
  readonly items: readonly JsonObject[];
  readonly pages: readonly Answer[];
  /** The code of the page that ended it before its end. */
  readonly code?: Json | undefined;
};

/** Reads all pages in order; `between` is called with the items of each one before the next. */
export async function walk(
  stage: Stage,
  query: Readonly<Record<string, string>>,
  between: (items: readonly JsonObject[]) => void = () => {},
): Promise<Walk> {
  const pages: Answer[] = [];
  const items: JsonObject[] = [];
  let cursor: Readonly<Record<string, string>> = {};
  while (pages.length < PAGES_MAX) {
    const answer = await stage.list({ ...query, ...cursor });
    pages.push(answer);
    if (answer.status !== 200) return { items, pages, code: own(answer.body, 'code') };
    items.push(...itemsOf(answer));
    const next = ownText(answer.body, 'next');
    if (next === undefined) return { items, pages };
    between(itemsOf(answer));
    cursor = { cursor: next };
  }
  throw new Error('the walk has no end');
}
