import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import {
  isList,
  isObject,
  type JsonObject,
  own,
  ownObject,
  ownText,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../src/config/read-config.ts';
import { createApp } from '../../src/http/app.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import { createMetrics } from '../../src/node/telemetry/prometheus.ts';
import type { Ports, Send } from '../../src/ports.ts';
import { createMemoryState } from '../../src/state/local-state.ts';
import type { Tracer } from '../../src/telemetry/tracing.ts';
import { clockOf } from '../support/clock.ts';
import { count, readSeed } from '../support/counts.ts';
import { createRandom, type Random } from './fuzz-random.ts';
import { echoingVendors } from './secret-echo.ts';
import { createCanaries, HEADER_LETTERS, type Slotted, slottedTargets } from './secret-places.ts';
import { traces } from './secret-spelling.ts';

const CASES = count(1_000, 10_000);
const SEED = readSeed();
/** How often what tells of all requests is looked at. */
const OVERVIEW_EVERY = 100;
const MINUTE_MS = 60_000;
/** Tokens of the last cases; older ones were searched for in their time. */
const TOKENS_SEARCHED_MAX = 12;

test(`no credential is told, whatever vendors say again: SEED=${SEED}`, async () => {
  const random = createRandom(SEED);
  const stage = await openStage(random);
  for (let number = 0; number < CASES; number += 1) {
    const told = await stage.ask(number);
    stage.search(told, number);
    if (number % OVERVIEW_EVERY === 0) stage.search(await stage.overview(), number);
  }
  // The search finds something: vendors did say credentials, and they were hidden.
  expect(stage.hidden()).toBeGreaterThan(CASES / 10);
});

async function openStage(random: Random) {
  const canaries = createCanaries(random);
  const targets = slottedTargets(canaries);
  const callerKey = canaries.make('caller', ['a', 'b', '7', '-', '_', '.']);
  const { answer, jwt } = await issuer();
  const fixed = [...canaries.all, jwt].map((canary) => ({ canary, found: traces(canary) }));
  let tokens: { canary: string; found: string[] }[] = [];
  const latest = new Map<string, string>();
  const issue = (path: string): string => {
    const canary = canaries.make('token', HEADER_LETTERS);
    tokens = [...tokens.slice(1 - TOKENS_SEARCHED_MAX), { canary, found: traces(canary) }];
    latest.set(nameIn(path), canary);
    return canary;
  };
  const known = (path: string): string[] => {
    const name = nameIn(path);
    const secrets = targets.find((target) => target.name === name)?.secrets ?? [];
    return [...secrets, ...[latest.get(name) ?? []].flat()];
  };
  const vendor = echoingVendors(random, known, issue);
  const said: string[] = [];
  let nowMs = Date.now();
  const ports = portsFor(
    said,
    () => nowMs,
    random,
    async (request, timeoutMs) => (request.path === '/keys' ? answer : vendor(request, timeoutMs)),
  );
  const app = await openApp(targets, callerKey, ports);
  let marks = 0;

  const fetch = async (path: string, init: RequestInit, shown = true): Promise<string[]> => {
    const bearer = random.chance(0.5) ? jwt : callerKey;
    const headers = { authorization: `Bearer ${bearer}`, ...init.headers };
    const response = await app.request(`http://localhost${path}`, { ...init, headers });
    const text = await response.text();
    const isProfile = response.status === 200 && !shown;
    const told = isProfile ? '' : withoutProfiles(text);
    return [JSON.stringify([...response.headers]), told, ...said.splice(0)];
  };
  return {
    ask: (_: number): Promise<string[]> => {
      nowMs += 10 * MINUTE_MS;
      return askAnything(random, targets, fetch);
    },
    overview: async (): Promise<string[]> => {
      const paths = ['/metrics', '/admin/config', '/admin/targets', '/capabilities', '/readyz'];
      const texts = await Promise.all(paths.map((path) => fetch(path, {})));
      return texts.flat();
    },
    search: (texts: readonly string[], number: number): void => {
      marks += texts.filter((text) => text.includes('«secret:')).length;
      for (const { canary, found } of [...fixed, ...tokens]) {
        const text = texts.find((told) => found.some((trace) => told.includes(trace)));
        if (text === undefined) continue;
        const trace = found.find((part) => text.includes(part));
        throw new Error(`case ${number} tells ${canary} as ${trace}: ${text.slice(0, 4000)}`);
      }
    },
    hidden: () => marks,
  };
}

type Fetch = (path: string, init: RequestInit, shown?: boolean) => Promise<string[]>;

/**
 * An explanation without what it shows of the profile, which is the vendor's to say: the profile
 * itself, and the bodies of writes, into which adapters merge it, and their pointers.
 */
function withoutProfiles(text: string): string {
  const told = parseExact(text);
  const requests = isObject(told) ? own(told, 'requests') : undefined;
  if (!isObject(told) || !isList(requests)) return text;
  const shown = requests.filter(isObject).map((request) => {
    if (ownText(request, 'step') === 'token') return request;
    const sources = Object.values(ownObject(request, 'provenance') ?? {});
    return { ...without(request, ['body', 'curl', 'provenance']), sources };
  });
  return JSON.stringify({ ...without(told, ['before', 'after']), requests: shown });
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** Reads, patches or explains at any target; what a stored profile shows is the vendor's to say. */
function askAnything(random: Random, targets: readonly Slotted[], fetch: Fetch): Promise<string[]> {
  const { id, name } = targets[random.below(targets.length)] ?? { id: '', name: '' };
  const path = `/profiles/${name}:${id}`;
  if (random.chance(0.3)) return fetch(path, {}, false);
  const patch = random.pick<JsonObject>([
    { name: `team_${random.below(1000)}` },
    { description: `text ${random.below(1000)}` },
    { status: random.pick(['active', 'inactive']) },
    { attributes: { owner: `blue ${random.below(1000)}` } },
    { name: 'team_x', description: null, status: 'active' },
    { extensions: { naver: { durationSeconds: 900 } }, status: 'inactive' },
    {},
  ]);
  const init = {
    body: JSON.stringify(patch),
    headers: {
      'content-type': 'application/merge-patch+json',
      prefer: random.pick(['handling=strict', 'handling=lenient', 'return=minimal']),
    },
  };
  if (random.chance(0.4)) {
    const query = random.chance(0.6) ? '?read=true' : '';
    return fetch(`${path}/explain${query}`, { ...init, method: 'POST' });
  }
  return fetch(path, { ...init, method: 'PATCH' }, false);
}

function portsFor(said: string[], now: () => number, random: Random, send: Send): Ports {
  const tracer: Tracer = () => ({
    context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true },
    end: (ended) => said.push(JSON.stringify(ended)),
  });
  return {
    send: (request, timeoutMs) => {
      said.push(request.headers.traceparent ?? '');
      return send(request, timeoutMs);
    },
    ...clockOf(now),
    random: random.fraction,
    sleep: async () => {},
    digests: nodeDigests,
    state: createMemoryState(clockOf(now).monotonicMs),
    log: (record) => said.push(JSON.stringify(record)),
    logLevel: 'debug',
    meter: createMetrics(),
    tracer,
    deadlineMs: 30_000,
  };
}

async function openApp(targets: readonly Slotted[], key: string, ports: Ports) {
  const scopes = ['profiles:read', 'profiles:write', 'admin'];
  const fields = { allow: ['/name', '/description', '/status', '/attributes', '/extensions'] };
  const jwt = { jwksUrl: 'http://127.0.0.1/keys', issuer: ISSUER, audience: 'gateway' };
  const document = {
    version: 1,
    targets: Object.fromEntries(targets.map(({ name, settings }) => [name, settings])),
    callers: { plain: { key, scopes, fields }, signed: { jwt, scopes, fields } },
  };
  const read = await readConfiguration(document, {
    adapters,
    lookup: { environment: () => undefined },
    clock: ports,
    digests: nodeDigests,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return createApp({ adapters, ports, gateway: () => read.gateway });
}

/** The target of a path of its own address. */
function nameIn(path: string): string {
  return path.split('/')[1] ?? '';
}

const ISSUER = 'https://issuer.example.com/realm';

/** A signed token of a caller, and the key set that proves it. */
async function issuer() {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' };
  const seconds = Math.floor(Date.now() / 1000);
  const jwt = await new SignJWT({ iss: ISSUER, aud: 'gateway', sub: 'svc', iat: seconds })
    .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'at+jwt' })
    .setExpirationTime(seconds + 10 * 365 * 86_400)
    .sign(privateKey);
  const answer = { status: 200, headers: {}, body: JSON.stringify({ keys: [jwk] }) };
  return { answer, jwt };
}
