import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonObject, ownObject, parseExact } from '../../src/adapter-kit/index.ts';
import { ROOT } from '../support/child.ts';
import { obstacles } from './cores.ts';
import { boundLine, holds, summary } from './figures.ts';
import { runLoad } from './load.ts';
import type { Subject } from './process.ts';
import { speedBounds, table } from './report.ts';
import {
  CALLER_KEY,
  callerId,
  SCENARIOS,
  type Scenario,
  UPSTREAM_ID,
  writeSmallConfiguration,
} from './scenarios.ts';
import type { Measured } from './speed.ts';
import { PEERS, type Stage, setStage } from './stage.ts';
import { activeMs } from './worker-start.ts';

describe('figures', () => {
  it('the median, and how far the others lie from it', () => {
    expect(summary([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(summary([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  });

  it('a bound is broken on its own side only', () => {
    expect(holds({ says: 'a', measured: 0.84, atLeast: 0.85 })).toBe(false);
    expect(holds({ says: 'a', measured: 0.85, atLeast: 0.85 })).toBe(true);
    expect(holds({ says: 'a', measured: 1.21, atMost: 1.2 })).toBe(false);
    expect(boundLine({ says: 'a', measured: Number.NaN, atMost: 1.2 })).toMatch(/^FAILED/);
  });

  const figures = { perSecond: 10, cpuMicroseconds: 50, p50Ms: 1, p99Ms: 2 };
  const measured = (['naver', 'nerm', 'senlin'] as const).flatMap((scenario): Measured[] =>
    (['gateway', 'gateway, large', ...PEERS] as const).map((subject) => ({
      ...{ subject, scenario, connections: 32 },
      rounds: [subject === 'fastify' ? { ...figures, perSecond: 20 } : figures],
    })),
  );

  it('ratios are those of the same scenario', () => {
    const failed = speedBounds(measured).filter((bound) => !holds(bound));
    expect(failed.map(({ says }) => says)).toEqual([
      "naver: requests/s to Fastify's",
      "nerm: requests/s to Fastify's",
      // Nobody asked one at a time.
      'p50 added to a direct call, one caller',
    ]);
  });

  it('the start of a Worker takes what it was not idle for', () => {
    const nodes = ['(idle)', 'start', '(garbage collector)'].map((functionName, id) => ({
      ...{ id, callFrame: { functionName } },
    }));
    const timeDeltas = [8_000, 9_500, 500, 1_000, 4_000];
    expect(activeMs({ nodes, samples: [0, 1, 2, 1, 0], timeDeltas })).toBe(11);
  });

  it('the table has a row for each measurement', () => {
    expect(table(measured).split('\n')).toHaveLength(measured.length + 2);
    expect(table(measured)).toContain('| naver | gateway | 32 | 10 (10 to 10) | 0.50 | 50 |');
  });
});

const built = join(ROOT, 'dist', 'gateway.js');
const peers = join(ROOT, 'test', 'bench', 'node_modules', 'fastify');
const missing = [
  ...obstacles(),
  ...[built, peers].filter((path) => !existsSync(path)).map((path) => `${path} is not there`),
];
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')}`);

describe.skipIf(missing.length > 0)('what is measured', () => {
  let stage: Stage;
  let gateway: Subject;

  beforeAll(async () => {
    stage = await setStage();
    gateway = await stage.gateway(writeSmallConfiguration(stage.folder, stage.upstream.origin));
  });
  afterAll(() => stage.stop());

  const id = UPSTREAM_ID.replace('%n', '000000000007');

  async function patch({ origin }: Subject, path: string, { body }: Scenario): Promise<JsonObject> {
    const answer = await fetch(`${origin}/profiles/${path}`, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/merge-patch+json',
        authorization: `Bearer ${CALLER_KEY}`,
      },
      body: JSON.stringify(body),
    });
    const answered = parseExact(await answer.text());
    expect({ status: answer.status, answered }).toMatchObject({ status: 200 });
    return isObject(answered) ? answered : {};
  }

  it.each(SCENARIOS)('$name: the gateway confirms the write by its answer', async (scenario) => {
    const path = callerId(scenario.name).replace('%n', '000000000007');
    const { profile, write } = await patch(gateway, path, scenario);
    expect(write).toMatchObject({ outcome: 'applied', evidence: 'response', unconfirmed: [] });
    expect(profile).toMatchObject({ ...scenario.body, upstreamId: id });
  });

  const [naver, nerm] = SCENARIOS;
  const oneCall = [naver, nerm].flatMap((scenario) =>
    scenario === undefined ? [] : PEERS.map((peer) => ({ peer, scenario })),
  );

  it.each(oneCall)('$peer translates $scenario.name alike', async ({ peer, scenario }) => {
    const subject = await stage.peer(peer, scenario.name);
    const theirs = ownObject(await patch(subject, id, scenario), 'profile');
    const path = callerId(scenario.name).replace('%n', '000000000007');
    const { profile } = await patch(gateway, path, scenario);
    const { id: ours, target, ...same }: JsonObject = isObject(profile) ? profile : {};
    expect({ ours, target }).toEqual({ ours: path, target: scenario.name });
    expect({ ...theirs, id: undefined }).toEqual({ ...same, id: undefined });
  });

  it('a load counts what was answered, and fails where a request did', async () => {
    const load = {
      origin: gateway.origin,
      path: `/profiles/${callerId('nerm')}`,
      body: JSON.stringify(nerm?.body),
      key: CALLER_KEY,
      connections: 4,
      seconds: 1,
    };
    const before = gateway.cpuMs();
    const { p50Ms, p99Ms, requests } = await runLoad(load);
    expect(requests).toBeGreaterThan(10);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(gateway.cpuMs()).toBeGreaterThan(before);
    expect(gateway.residentMib()).toBeGreaterThan(10);
    await expect(runLoad({ ...load, key: 'another' })).rejects.toThrow(/failed/);
  });
});
