import { expect } from 'vitest';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { isObject, type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { profileKey } from '../../../src/routing/resolve.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';
import type { Target } from '../../../src/upstream/target.ts';
import { createRandom, type Random } from '../../security/fuzz-random.ts';
import { passOf } from '../../support/credentials.ts';
import { type Answer, createInMemoryGateway, NOW_MS, UPSTREAM } from '../../support/in-memory.ts';
import { NAVER, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';
import { isTokenRequest } from './explaining.ts';

type Vendor = { readonly name: string; readonly demo: string; readonly id: string };

/** Each gets up to three targets of one account, the second and third of which are fallbacks. */
const VENDORS: readonly [Vendor, ...Vendor[]] = [
  { name: 'naver', demo: 'naver-demo', id: upstreamIdOf(NAVER) },
  { name: 'nerm', demo: 'nerm-demo', id: upstreamIdOf(NERM) },
  { name: 'senlin', demo: 'senlin-demo', id: upstreamIdOf(SENLIN) },
];

const PATCHES: readonly [JsonObject, ...JsonObject[]] = [
  {},
  { name: 'team_x' },
  { name: 'x' },
  { description: 'text' },
  { status: 'inactive' },
  { status: 'inactive', description: 'both' },
  { attributes: { cost_centre: '4711' } },
  { attributes: { cost_centre: 4711 }, description: 'lenient' },
  { attributes: { cost_centre: null } },
  { name: null },
];

/** What may be wrong with a target at the moment of a patch. */
const STATES = [
  'well',
  'well',
  'well',
  'read_only',
  'drained',
  'drained by an operator',
  'breaker open',
  'credentials cooling down',
  'queue full',
  'in doubt',
] as const;
type State = (typeof STATES)[number];

/** Explains a patch in one random state of targets and rules, makes it, and compares the two. */
export async function expectPrediction(seed: number): Promise<void> {
  const random = createRandom(seed);
  const vendor = random.pick(VENDORS);
  const names = [1, 2, 3].slice(0, 1 + random.below(3)).map((n) => `${vendor.name}-${n}`);
  const states = names.map((name) => [name, random.pick(STATES)] as const);
  const doubts = createInDoubtRegistry(Date.now);
  const set = createSandboxSet(() => NOW_MS, sandboxes);
  const gateway = await createInMemoryGateway({
    document: documentOf(sandboxConfiguration(set, UPSTREAM), vendor.demo, states),
    fetch: set.fetch,
    doubts,
  });
  for (const [name, state] of states) {
    const target = gateway.targets.get(name);
    if (target !== undefined)
      bring(target, state, () =>
        doubts.mark(profileKey({ target, upstreamId: vendor.id }), NOW_MS + 1000),
      );
  }
  const path = `/profiles/${vendor.id}`;
  const { tag, etag } = await tagAt(gateway.ask, path, random);
  const question = {
    body: random.pick(PATCHES),
    headers: {
      prefer: random.pick(['handling=strict', 'handling=lenient', 'atomic']),
      ...(tag === undefined ? {} : { 'if-match': tag }),
    },
  };
  const explained = await gateway.ask('POST', `${path}/explain?read=true`, question);
  const sentBefore = gateway.sent.length;
  const patched = await gateway.ask('PATCH', path, question);
  const sent = gateway.sent.slice(sentBefore).filter((request) => !isTokenRequest(request));
  const told = JSON.stringify({ seed, states, question, etag, patched: patched.body });
  expect(predictionOf(explained), told).toEqual(resultOf(patched));
  if (explained.status !== 200 || explained.body.prediction === 'rejected') return;
  expect(requestsOf(explained), told).toEqual(
    sent.map(({ method, origin, path: at }) => `${method} ${origin}${at}`),
  );
}

function documentOf(
  { targets, ...rest }: JsonObject,
  demo: string,
  states: readonly (readonly [string, State])[],
): JsonObject {
  const settings = isObject(targets) ? ownObject(targets, demo) : {};
  const modes: Partial<Record<State, string>> = { read_only: 'read_only', drained: 'drained' };
  const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 1 };
  const all = states.map(([name, state]) => {
    const full = state === 'queue full' ? { limits } : {};
    return [name, { ...settings, idNamespace: 'one', mode: modes[state] ?? 'active', ...full }];
  });
  const [to, ...fallback] = states.map(([name]) => name);
  const route = { to, ...(fallback.length === 0 ? {} : { fallback }) };
  return { ...rest, targets: Object.fromEntries(all), routes: [route] } as JsonObject;
}

/** Brings a target into a state at run time. */
function bring(target: Target, state: State, markInDoubt: () => void): void {
  switch (state) {
    case 'drained by an operator':
      target.control.drained = { sinceMs: NOW_MS, by: undefined };
      return;
    case 'breaker open':
      while (target.circuitBreaker.state() === 'closed')
        target.circuitBreaker.acquire()?.('failed');
      return;
    case 'credentials cooling down':
      passOf(target.credentials).rejected();
      return;
    case 'queue full':
      for (let taken = 0; taken < 2; taken += 1) {
        void target.limiter.acquire({ waitMsMax: 60_000, permitTtlMs: 60_000, first: false });
      }
      return;
    case 'in doubt':
      markInDoubt();
      return;
  }
}

/** No precondition, one that any profile meets, none meets, or that the profile meets now. */
async function tagAt(
  ask: (method: string, path: string) => Promise<Answer>,
  path: string,
  random: Random,
): Promise<{ tag: string | undefined; etag: string | null }> {
  const read = await ask('GET', path);
  const etag = read.headers.get('etag');
  return { tag: random.pick([undefined, undefined, '*', '"other"', etag ?? '*']), etag };
}

function predictionOf({ body, status }: Answer) {
  if (status !== 200) return { code: ownText(body, 'code') };
  const problem = ownObject(body, 'problem') ?? {};
  return { target: ownText(body, 'target'), code: ownText(problem, 'code') };
}

function resultOf({ body, status }: Answer) {
  if (status !== 200) return { target: ownText(body, 'target'), code: ownText(body, 'code') };
  return { target: ownText(ownObject(body, 'write') ?? {}, 'target'), code: undefined };
}

function requestsOf({ body }: Answer): string[] {
  const requests = Array.isArray(body.requests) ? body.requests.filter(isObject) : [];
  return requests
    .filter(({ step }) => step !== 'token')
    .map(({ method, url }) => `${method} ${url}`);
}
