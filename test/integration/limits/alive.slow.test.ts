import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { PATCH_MEMBERS_MAX, REQUEST_BODY_BYTES_MAX } from '../../../src/limits.ts';
import { type GatewayProcess, startGatewayProcess } from '../../soak/gateway-process.ts';

/**
 * Longest answer of `/healthz` while another request is served. It is counted by the clock or, where
 * the machine has less time for the gateway, in the time that the gateway's thread has worked.
 */
const ANSWER_MS_MAX = 100;
/** A busy machine may hold up some runs; a process that stands still is held up in all. */
const RUNS_MAX = 10;
const TARGETS = 300;

/** As large as a body may be, in the characters that a patch leaves for one text. */
const CHARACTERS = REQUEST_BODY_BYTES_MAX - 200;
const MEMBERS = PATCH_MEMBERS_MAX - 8;
/** A value with which so many members fill a body. */
const FILLING = '%'.repeat(CHARACTERS / MEMBERS - 12);

const OLD = attributes('old');
const NEW = attributes(FILLING);

function attributes(value: string): string {
  const members = Array.from({ length: MEMBERS }, (_, i) => [`k${i}`, value]);
  return JSON.stringify(Object.fromEntries(members));
}

let folder: string;
let vendor: Server;
let gateway: GatewayProcess;
/** How often each profile was asked for. */
const reads = new Map<string, number>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alive-'));
  vendor = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => vendor.once('listening', resolve));
  const file = join(folder, 'gateway.json');
  const { port } = vendor.address() as AddressInfo;
  writeFileSync(file, JSON.stringify(configuration(`http://127.0.0.1:${port}`)));
  gateway = await startGatewayProcess(file);
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  vendor.closeAllConnections();
  vendor.close();
  rmSync(folder, { recursive: true });
});

function configuration(origin: string): JsonObject {
  // Lost answers are meant here.
  const limits = { circuitBreaker: { failureRatio: 1, minimumRequests: 10_000 } };
  const nerm = { vendor: 'nerm', auth: { method: 'token', token: 'a-token-not-real' }, limits };
  const auth = {
    method: 'password',
    url: `${origin}/keystone/v3`,
    username: 'gateway',
    password: 'a-password-not-real',
    userDomain: 'Default',
    project: 'demo',
    projectDomain: 'Default',
  };
  const senlin = { vendor: 'senlin', auth, limits };
  const names = ['answers', 'loses', 'refuses', 'other'];
  const named = names.flatMap((name): [string, JsonObject][] => [
    [`nerm-${name}`, { ...nerm, baseUrl: `${origin}/${name}/nerm/api` }],
    [`senlin-${name}`, { ...senlin, baseUrl: `${origin}/${name}/senlin` }],
  ]);
  const more = Array.from({ length: TARGETS }, (_, i): [string, JsonObject] => [
    `more-${i}`,
    { ...nerm, baseUrl: `${origin}/answers/nerm/api` },
  ]);
  const listen = { port: 0, drainDelayMs: 0 };
  return { version: 1, listen, targets: Object.fromEntries([...named, ...more]) };
}

/** A vendor that takes next to no time, in the way that its path names. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '' } = request;
  const [, way, api] = url.split('/');
  const id = url.slice(url.lastIndexOf('/') + 1);
  request.resume().once('end', () => {
    if (url.includes('/auth/tokens')) {
      response.writeHead(201, { 'x-subject-token': 'a-token-1' });
      response.end('{"token":{"expires_at":"2999-01-01T00:00:00Z"}}');
      return;
    }
    const count = reads.get(id) ?? 0;
    if (method === 'GET') reads.set(id, count + 1);
    else if (way === 'loses') {
      reads.set(id, 1);
      response.destroy();
      return;
    } else if (way === 'refuses') {
      response.writeHead(400).end(`{"errors":${NEW},"error":"failed to update"}`);
      return;
    }
    const map = api === 'nerm' ? 'attributes' : 'metadata';
    const shown = way === 'other' ? '{}' : method === 'GET' && count === 0 ? OLD : NEW;
    response.end(`{"profile":{"id":"${id}","name":"Robin","${map}":${shown}}}`);
  });
}

let profiles = 0;

/** The path of a profile that was not asked for yet. */
function freshPath(target: string): string {
  profiles += 1;
  return `/profiles/${target}:7fa885cd-fa39-4531-a42d-${String(profiles).padStart(12, '0')}`;
}

const PATCH = `{"attributes":${NEW}}`;
const named = (name: string): string => JSON.stringify({ name });
const MARKS = `a${'\u0301'.repeat(CHARACTERS / 4)}${'\u0323'.repeat(CHARACTERS / 4)}`;
const items = (text: string): string =>
  `{"attributes":{"a":[${Array.from({ length: MEMBERS }, () => text).join(',')}]}}`;
const long = (text: string): string => `{"attributes":{"a":${text}}}`;

/** What is asked, at which target, and the status that it must end with. */
const REQUESTS: readonly (readonly [string, string, string, string, string | undefined, number])[] =
  [
    ['a read of many members', 'GET', 'nerm-answers', '', undefined, 200],
    ['the capabilities of many targets', 'GET', '', '/capabilities', undefined, 200],
    ['a write of many members', 'PATCH', 'nerm-answers', '', PATCH, 200],
    ['a merge of many members', 'PATCH', 'senlin-answers', '', PATCH, 200],
    ['a read-back of many members', 'PATCH', 'senlin-loses', '', PATCH, 200],
    ['a read-back without a first read', 'PATCH', 'nerm-loses', '', PATCH, 200],
    ['a refusal of many members', 'PATCH', 'nerm-refuses', '', PATCH, 422],
    ['an explanation', 'POST', 'nerm-answers', '/explain', PATCH, 200],
    ['an explanation with a read', 'POST', 'nerm-answers', '/explain?read=true', PATCH, 200],
    ['an explanation of a merge', 'POST', 'senlin-answers', '/explain', PATCH, 200],
    [
      'an explanation of a merge with a read',
      'POST',
      'senlin-answers',
      '/explain?read=true',
      PATCH,
      200,
    ],
    ['a refused text', 'PATCH', 'senlin-answers', '', named('한'.repeat(CHARACTERS / 3)), 422],
    ['a text of many marks', 'PATCH', 'nerm-other', '', named(MARKS), 200],
    ['many zeros', 'PATCH', 'nerm-other', '', long(`1${'0'.repeat(CHARACTERS)}1`), 422],
    ['many long numbers', 'PATCH', 'senlin-other', '', items(`1.${'0'.repeat(48)}`), 502],
    ['many small exponents', 'PATCH', 'senlin-other', '', items('1e-40'), 502],
    ['many blanks', 'PATCH', 'senlin-other', '', long(`${' '.repeat(CHARACTERS)}1`), 502],
    ['many brackets', 'PATCH', 'senlin-other', '', '['.repeat(CHARACTERS), 422],
    [
      'many items',
      'PATCH',
      'senlin-other',
      '',
      long(`[${'0,'.repeat(CHARACTERS / 2 - 20)}0]`),
      422,
    ],
    ['many twins', 'PATCH', 'senlin-other', '', `{${'"a":1,'.repeat(CHARACTERS / 6)}"a":1}`, 422],
  ];

test.each(REQUESTS)('beside %s', async (_, method, target, below, body, status) => {
  const headers = { 'content-type': 'application/json' };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  let slowestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS_MAX && slowestMs > ANSWER_MS_MAX; run += 1) {
    const path = target === '' ? below : freshPath(target) + below;
    const asked = fetch(gateway.origin + path, init).then(async (response) => {
      await response.arrayBuffer();
      return response.status;
    });
    slowestMs = await slowestUntil(asked);
    expect(await asked).toBe(status);
  }
  expect(slowestMs).toBeLessThanOrEqual(ANSWER_MS_MAX);
});

/** Asks `/healthz` again and again until `asked` is answered; the longest that it took. */
async function slowestUntil(asked: Promise<unknown>): Promise<number> {
  let isAnswered = false;
  void asked.then(() => {
    isAnswered = true;
  });
  let slowestMs = 0;
  while (!isAnswered) {
    const startMs = performance.now();
    const startWorkMs = gateway.mainThreadMs();
    const response = await fetch(`${gateway.origin}/healthz`);
    await response.arrayBuffer();
    expect(response.status).toBe(200);
    const workMs = gateway.mainThreadMs() - startWorkMs;
    slowestMs = Math.max(slowestMs, Math.min(workMs, performance.now() - startMs));
  }
  return slowestMs;
}
