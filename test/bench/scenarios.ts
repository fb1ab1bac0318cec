import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';

/** One patch that callers send again and again, each time for another profile. */
export type Scenario = {
  readonly name: 'naver' | 'nerm' | 'senlin';
  readonly says: string;
  /** Requests to the vendor for each patch. */
  readonly upstreamCalls: number;
  readonly body: JsonObject;
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'naver',
    says: 'signed, one upstream call',
    upstreamCalls: 1,
    body: { description: 'build farm', extensions: { naver: { durationSeconds: 7200 } } },
  },
  {
    name: 'nerm',
    says: 'bearer token, one upstream call',
    upstreamCalls: 1,
    body: { status: 'on_leave', attributes: { cost_centre: '4711', site: 'Berlin' } },
  },
  {
    name: 'senlin',
    says: 'attributes: read, merge, write',
    upstreamCalls: 2,
    body: { attributes: { owner: 'blue' } },
  },
];

/** Upstream ids: the number of the profile stands in the last twelve digits. */
export const UPSTREAM_ID = '76da1a8c-0000-4000-8000-%n';
/** Ids of the gateway's callers: a rule takes the prefix away. */
export const callerId = (target: string): string => `${target}-${UPSTREAM_ID}`;
export const LINKED_ID = 'emp-%n';

export const CALLER_KEY = 'bench-caller-key-0123456789abcdef';
const CALLER = { key: CALLER_KEY, scopes: ['profiles:read', 'profiles:write'] };

const auth = {
  naver: { accessKey: 'BENCHACCESSKEY', secretKey: 'bench-secret-key' },
  nerm: { method: 'token', token: 'bench-token' },
};

function targets(upstream: string): Record<string, JsonObject> {
  const keystone = {
    method: 'password',
    url: `${upstream}/keystone/v3`,
    username: 'bench',
    password: 'bench-password',
    userDomain: 'Default',
    project: 'bench',
    projectDomain: 'Default',
  };
  return {
    naver: { vendor: 'naver', baseUrl: `${upstream}/naver`, auth: auth.naver },
    nerm: { vendor: 'nerm', baseUrl: `${upstream}/nerm/api`, auth: auth.nerm },
    senlin: { vendor: 'senlin', baseUrl: `${upstream}/senlin`, auth: keystone },
  };
}

function ruleTo(name: string): JsonObject {
  return { match: { id: `${name}-{upstreamId}` }, to: name };
}

/** One target at each vendor, a rule to each, one caller. */
export function writeSmallConfiguration(folder: string, upstream: string): string {
  const all = targets(upstream);
  return write(folder, 'small.json', {
    targets: all,
    routes: Object.keys(all).map(ruleTo),
  });
}

/** The target at naver only, with so many connections at once. */
export function writeWideConfiguration(
  folder: string,
  upstream: string,
  maxConcurrentRequests: number,
): string {
  const naver = { ...targets(upstream).naver, limits: { maxConcurrentRequests } };
  return write(folder, 'wide.json', { targets: { naver }, routes: [ruleTo('naver')] });
}

/** The target at a NERM of its own. */
export function writeListConfiguration(folder: string, nerm: string): string {
  const target = { vendor: 'nerm', baseUrl: `${nerm}/api`, auth: auth.nerm };
  return write(folder, 'list.json', { targets: { nerm: target } });
}

const MANY = 1_000;
const LINKS = 1_000_000;

/** A thousand targets with a rule to each, and a million links; the last rule takes linked ids. */
export function writeLargeConfiguration(folder: string, upstream: string): string {
  const { naver = {} } = targets(upstream);
  const names = Array.from({ length: MANY }, (_, i) => `account-${i}`);
  const lines = Array.from({ length: LINKS }, (_, i) => {
    const number = String(i + 1).padStart(12, '0');
    const id = LINKED_ID.replace('%n', number);
    const upstreamId = UPSTREAM_ID.replace('%n', number);
    return `${JSON.stringify({ id, targets: { [`account-${MANY - 1}`]: upstreamId } })}\n`;
  });
  writeFileSync(join(folder, 'links.jsonl'), lines.join(''));
  return write(folder, 'large.json', {
    targets: Object.fromEntries(names.map((name) => [name, naver])),
    links: './links.jsonl',
    routes: [...names.slice(1).map(ruleTo), { match: { id: 'emp-*' }, to: `account-${MANY - 1}` }],
  });
}

function write(folder: string, name: string, document: Record<string, Json>): string {
  const file = join(folder, name);
  const listen = { host: '127.0.0.1', port: 0, drainDelayMs: 0 };
  const all = { version: 1, listen, callers: { bench: CALLER }, ...document };
  writeFileSync(file, JSON.stringify(all));
  return file;
}
