import { rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type JsonObject,
  own,
  ownObject,
  ownText,
  parseExact,
} from '../../../src/adapter-kit/index.ts';
import { end } from '../../support/child.ts';
import { count } from '../../support/counts.ts';
import { found } from '../../support/gateway.ts';
import { eventsOf, nermAt, type Running, run, type Stage, setStage, until, uuid } from './stage.ts';

const RELOADS = count(40, 200);
const DURATION_MS = count(10_000, 60_000);
const TARGETS = 5;
/** The version is told by this setting, which an explanation shows. */
const TIMEOUT_MS = 5_000;
const CLIENTS = 8;
/** How long a body may come after the headers. */
const BODY_LATE_MS_MAX = 150;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  for (let k = 0; k < TARGETS; k += 1) stage.nerm.seed(uuid(k), { name: `stamp of ${k}` });
});
afterAll(() => stage.stop());

/** Version `i`: the same id is another profile at another target. */
function document(i: number, more: JsonObject = {}): JsonObject {
  const k = i % TARGETS;
  const names = Array.from({ length: TARGETS }, (_, at) => `t${at}`);
  return {
    version: 1,
    listen: { drainDelayMs: 0 },
    logLevel: 'warn',
    targets: Object.fromEntries(
      names.map((name) => [name, nermAt(stage, { timeoutMs: TIMEOUT_MS + i })]),
    ),
    links: `links-${i}.jsonl`,
    routes: [{ match: { id: 'emp-*' }, to: `t${k}` }],
    ...more,
  };
}

function putLinks(i: number): void {
  const targets = { [`t${i % TARGETS}`]: uuid(i % TARGETS) };
  stage.put(`links-${i}.jsonl`, `${JSON.stringify({ id: 'emp-1', targets })}\n`);
  rmSync(join(stage.folder, `links-${i - 3}.jsonl`), { force: true });
}

function put(i: number): string {
  putLinks(i);
  return stage.put('gateway.json', JSON.stringify(document(i)));
}

/** Five ways in which a version cannot be used. */
function putInvalid(i: number): void {
  putLinks(i);
  const link = '{"id":"emp-1","targets":{"t0":"x"},"extra":1}\n';
  stage.put('links-bad.jsonl', `{"id":"emp-0","targets":{"t0":"x"}}\n${link}`);
  const invalid = [
    '{"version": 1, "targets": ',
    JSON.stringify(document(i, { surprise: 1 })),
    JSON.stringify(document(i, { routes: [{ to: 'nowhere' }] })),
    JSON.stringify(document(i, { links: 'links-bad.jsonl' })),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
    JSON.stringify(document(i, { links: '${file:not-there}' })),
  ];
  stage.put('gateway.json', found(invalid[Math.floor(i / 5) % invalid.length]));
}

const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
afterAll(() => agent.destroy());

function ask(origin: string, method: string, path: string, body?: JsonObject) {
  const { hostname, port } = new URL(origin);
  const headers = { 'content-type': 'application/merge-patch+json' };
  return new Promise<{ status: number; json: JsonObject }>((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const json = parseExact(text) as JsonObject;
        resolve({ status: response.statusCode ?? 0, json });
      });
    });
    request.once('error', reject);
    if (body === undefined) {
      request.end();
      return;
    }
    // Its version is that of the moment at which its headers come; many a body comes after another.
    request.flushHeaders();
    setTimeout(() => request.end(JSON.stringify(body)), Math.random() * BODY_LATE_MS_MAX);
  });
}

/** The one version by whose route, link and target an answer was made; fails when there is none. */
function targetNumberOf(answer: JsonObject): number {
  const profile = ownObject(answer, 'profile');
  const k = Number(ownText(profile, 'target')?.slice(1));
  expect(answer).toMatchObject({
    profile: { id: 'emp-1', target: `t${k}`, upstreamId: uuid(k), name: `stamp of ${k}` },
  });
  return k;
}

async function traffic(origin: string, isOver: () => boolean, seen: Set<number>): Promise<number> {
  let count = 0;
  while (!isOver()) {
    const read = await ask(origin, 'GET', '/profiles/emp-1');
    expect(read.status, JSON.stringify(read.json)).toBe(200);
    targetNumberOf(read.json);
    const value = `visit ${count}`;
    const patch = { attributes: { remarks: value } };
    const written = await ask(origin, 'PATCH', '/profiles/emp-1', patch);
    expect(written.status, JSON.stringify(written.json)).toBe(200);
    const k = targetNumberOf(written.json);
    expect(written.json).toMatchObject({ profile: patch, write: { target: `t${k}` } });
    const told = await ask(origin, 'POST', '/profiles/emp-1/explain', patch);
    expect(told.status, JSON.stringify(told.json)).toBe(200);
    const version = Number(own(ownObject(told.json, 'policy') ?? {}, 'timeoutMs')) - TIMEOUT_MS;
    expect(told.json).toMatchObject({
      target: `t${version % TARGETS}`,
      upstreamId: uuid(version % TARGETS),
    });
    seen.add(version);
    count += 3;
  }
  return count;
}

test(`${RELOADS} reloads under load: no request fails, each is answered by one version`, async () => {
  const running: Running = await run(put(0));
  const { child, origin } = running;
  const ended = (): number =>
    eventsOf(running, 'reloaded').length + eventsOf(running, 'reload_rejected').length;
  let over = false;
  const seen = new Set<number>();
  const clients = Array.from({ length: CLIENTS }, () => traffic(origin, () => over, seen));
  try {
    const started = Date.now();
    for (let i = 1; i <= RELOADS; i += 1) {
      const before = ended();
      if (i % 5 === 0) putInvalid(i);
      else put(i);
      child.kill('SIGHUP');
      await until(() => ended() > before, `the end of reload ${i}`);
      const restMs = Math.max(0, started + (i * DURATION_MS) / RELOADS - Date.now());
      await Promise.race([
        new Promise((resolve) => setTimeout(resolve, restMs)),
        // One that fails ends the test at once.
        ...clients.map((client) => client.then(() => new Promise(() => {}))),
      ]);
    }
  } finally {
    over = true;
  }
  const counts = await Promise.all(clients);
  expect(await end(child)).toBe(0);
  expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThan(RELOADS * 10);
  expect(eventsOf(running, 'reload_rejected')).toHaveLength(RELOADS / 5);
  expect(eventsOf(running, 'reloaded')).toHaveLength((RELOADS * 4) / 5);
  // Nearly every valid version has answered, and no other.
  expect([...seen].filter((version) => version % 5 === 0 && version !== 0)).toEqual([]);
  expect(seen.size).toBeGreaterThan(RELOADS * 0.6);
}, 120_000);
