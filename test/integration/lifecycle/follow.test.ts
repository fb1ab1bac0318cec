// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { type LiveConfiguration, openConfiguration } from '../../../src/node/config/live-config.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import { passOf } from '../../support/credentials.ts';
import { found } from '../../support/gateway.ts';
import { nermAt, type Stage, setStage, until, uuid } from './stage.ts';

const LOOK_MS = 20;
const CALLERS = { ops: { key: 'key-of-operators-1', scopes: ['admin'] } };

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.stop());

let logs: LogRecord[] = [];
beforeEach(() => {
  logs = [];
});

function document(more: JsonObject = {}): string {
  const auth = { method: 'token', token: `\${file:${join(stage.folder, 'token')}}` };
  const nerm = { ...nermAt(stage), auth };
  return JSON.stringify({ version: 1, targets: { nerm }, routes: [{ to: 'nerm' }], ...more });
}

async function open(text: string): Promise<LiveConfiguration> {
  stage.put('token', 'a-token-of-nerm');
  const path = stage.put('gateway.json', text);
  const opened = await openConfiguration({ path, log: (r) => logs.push(r), lookMs: LOOK_MS });
  if (!('current' in opened)) throw new Error(JSON.stringify(opened));
  onTestFinished(opened.close);
  return opened;
}

const link = (to: string) => `${JSON.stringify({ id: 'emp-1', targets: { nerm: to } })}\n`;

test('a change of any of its files is taken, and the version tells', async () => {
  stage.put('links.jsonl', link(uuid(1)));
  const live = await open(document({ links: './links.jsonl' }));
  const first = live.current().gateway;
  const linked = () => live.current().gateway.links?.find('emp-1');

  stage.put('links.jsonl', link(uuid(2)));
  await until(() => live.current().gateway !== first, 'new links');
  expect(linked()).toEqual(new Map([['nerm', uuid(2)]]));
  const second = live.current().gateway;
  expect(second.version).not.toBe(first.version);

  stage.put('gateway.json', document({ links: './links.jsonl', routes: [] }));
  await until(() => live.current().gateway !== second, 'a new document');
  const third = live.current().gateway;
  expect(third.router.routes).toEqual([]);
  // What has not changed is not read again.
  expect(third.links).toBe(second.links);

  stage.put('token', 'another-token-of-nerm');
  await until(() => live.current().gateway !== third, 'a new secret');
  const { connection } = found(live.current().gateway.targets.get('nerm'));
  expect(connection.secrets.map(({ value }) => value)).toContain('another-token-of-nerm');

  stage.put('links.jsonl', link(uuid(1)));
  stage.put('gateway.json', document({ links: './links.jsonl' }));
  await until(() => live.current().gateway.version === first.version, 'the first version again');
  expect(logs.every(({ event }) => event === 'reloaded')).toBe(true);
  expect(logs.at(-1)).toMatchObject({ version: first.version });
});

test('what cannot be used is refused as a whole and told, until it can be used', async () => {
  stage.put('links.jsonl', link(uuid(1)));
  const live = await open(document({ links: './links.jsonl' }));
  const first = live.current().gateway;
  // One change, since a look between two of them would refuse each.
  stage.put('bad.jsonl', `${link(uuid(3))}{"id":"emp-2"}\n`);
  stage.put('gateway.json', document({ surprise: 1, links: './bad.jsonl' }));
  await until(() => live.refused() !== undefined, 'a refusal');
  expect(live.current().gateway).toBe(first);
  expect(live.refused()?.problems).toEqual([
    { path: 'surprise', message: 'is not a known key' },
    { path: 'links', message: expect.stringMatching(/^line 2: /) },
  ]);
  expect(logs).toMatchObject([
    { level: 'error', event: 'reload_rejected', version: first.version },
    { level: 'error', event: 'reload_rejected', version: first.version },
  ]);
  // It is told once, not at each look.
  await new Promise((resolve) => setTimeout(resolve, 5 * LOOK_MS));
  expect(logs).toHaveLength(2);

  stage.put('gateway.json', document({ links: './bad.jsonl' }));
  await until(() => live.refused()?.problems.length === 1, 'the links are still bad');
  expect(live.current().gateway).toBe(first);
  stage.put('bad.jsonl', link(uuid(3)));
  await until(() => live.refused() === undefined, 'the links are mended');
  expect(live.current().gateway.links?.find('emp-1')).toEqual(new Map([['nerm', uuid(3)]]));
});

test('a listener that others can reach does not lose its callers', async () => {
  const listen = { host: '0.0.0.0', port: 0 };
  const live = await open(document({ listen, callers: CALLERS }));
  stage.put('gateway.json', document());
  await until(() => live.refused() !== undefined, 'a refusal');
  expect(live.refused()?.problems).toMatchObject([{ path: 'callers' }]);
  expect(live.current().gateway.callers).toBeDefined();
});

test('reloads that are asked for together are one after another, and the last one counts', async () => {
  const live = await open(document());
  const asked = [live.reload(), live.reload(), live.reload()];
  stage.put('gateway.json', document({ routes: [] }));
  await Promise.all([...asked, live.reload()]);
  expect(live.current().gateway.router.routes).toEqual([]);
  expect(logs.length).toBeLessThan(4);
});

test('what a target has learned outlives a reload, as far as it is the same account', async () => {
  const target = () => found(live.current().gateway.targets.get('nerm'));
  const reloadAs = async (more: JsonObject): Promise<void> => {
    stage.put('gateway.json', document(more));
    await live.reload();
    expect(live.refused()).toBeUndefined();
  };
  const live = await open(document());
  const first = target();
  passOf(first.credentials).rejected();
  first.retryBudget.tryWithdraw();
  first.control.drained = { sinceMs: 0, by: undefined };

  await reloadAs({ callers: CALLERS });
  expect(live.current().gateway.callers).toBeDefined();
  expect(target().credentials).toBe(first.credentials);
  expect(target().circuitBreaker).toBe(first.circuitBreaker);
  expect(target().limiter).toBe(first.limiter);

  const auth = { method: 'token', token: `\${file:${join(stage.folder, 'token')}}` };
  await reloadAs({ targets: { nerm: { ...nermAt(stage), auth, timeoutMs: 777, mode: 'active' } } });
  expect(target()).toMatchObject({ timeoutMs: 777 });
  expect(target().credentials.cooldown()).toBeDefined();
  expect(target().retryBudget.available()).toBe(first.retryBudget.available());

  stage.put('token', 'a-token-that-is-accepted');
  await reloadAs({});
  expect(target().credentials.cooldown()).toBeUndefined();
  expect(target().control).toBe(first.control);
  expect(target().health).toBe(first.health);
});
