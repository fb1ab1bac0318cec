import { appendFileSync, existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonObject, ownObject, parseExact } from '../../src/adapter-kit/index.ts';
import { ROOT } from '../support/child.ts';
import { obstacles } from './cores.ts';
import { attributesOf, LARGE_VENDORS } from './large.ts';
import { runLoad } from './load.ts';
import type { Subject } from './process.ts';
import {
  CALLER_KEY,
  callerId,
  SCENARIOS,
  type Scenario,
  UPSTREAM_ID,
  writeSmallConfiguration,
} from './scenarios.ts';
import { PEERS, patchTypeOf, type Stage, setStage } from './stage.ts';

const NEEDED = [
  { path: join(ROOT, 'dist', 'gateway.js'), madeBy: 'npm run build' },
  {
    path: join(ROOT, 'test', 'bench', 'node_modules', 'fastify'),
    madeBy: 'npm ci --prefix test/bench',
  },
];
const missing = [
  ...obstacles(),
  ...NEEDED.filter(({ path }) => !existsSync(path)).map(
    ({ path, madeBy }) => `no ${relative(ROOT, path)}: ${madeBy}`,
  ),
];
const reason = missing.join('; ');
if (reason !== '') {
  console.warn(`bench: skipped (${reason})`);
  const { SKIP_REASONS } = process.env;
  if (SKIP_REASONS !== undefined) appendFileSync(SKIP_REASONS, `bench: skipped (${reason})\n`);
}

describe.skipIf(reason !== '')('what is measured', () => {
  let stage: Stage;
  let gateway: Subject;

  beforeAll(async () => {
    stage = await setStage();
    gateway = await stage.gateway(writeSmallConfiguration(stage.folder, stage.upstream.origin));
  });
  afterAll(() => stage.stop());

  const id = UPSTREAM_ID.replace('%n', '000000000007');

  async function patch(
    { origin }: Subject,
    path: string,
    { body }: Pick<Scenario, 'body'>,
    type = 'application/merge-patch+json',
  ): Promise<JsonObject> {
    const answer = await fetch(`${origin}/profiles/${path}`, {
      method: 'PATCH',
      headers: {
        'content-type': type,
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
    const answered = await patch(subject, id, scenario, patchTypeOf(peer));
    const theirs = ownObject(answered, 'profile');
    const path = callerId(scenario.name).replace('%n', '000000000007');
    const { profile } = await patch(gateway, path, scenario);
    const { id: ours, target, ...same }: JsonObject = isObject(profile) ? profile : {};
    expect({ ours, target }).toEqual({ ours: path, target: scenario.name });
    expect({ ...theirs, id: undefined }).toEqual({ ...same, id: undefined });
  });

  it.each(LARGE_VENDORS)(
    'a large patch is confirmed by %s, and translated alike',
    async (vendor) => {
      const attributes = attributesOf(256);
      const body = { attributes };
      expect(JSON.stringify(body).length).toBeGreaterThan(255 * 1024);
      const { folder, origin } = await stage.upstreamWith(`large-${vendor}`, attributes);
      const own = await stage.gateway(writeSmallConfiguration(folder, origin));
      const path = callerId(vendor).replace('%n', '000000000007');
      const { profile, write } = await patch(own, path, { body });
      expect(write).toMatchObject({ outcome: 'applied', evidence: 'response', unconfirmed: [] });
      const theirs = await patch(await stage.peer('fastify', vendor, origin), id, { body });
      const ours = ownObject(isObject(profile) ? profile : {}, 'attributes');
      expect(ours).toMatchObject(attributes);
      expect(ownObject(ownObject(theirs, 'profile'), 'attributes')).toEqual(ours);
    },
  );

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
    const few = await runLoad({ ...load, seconds: 5, requestsMax: 8 });
    expect(few.requests).toBeGreaterThanOrEqual(8);
    expect(few.requests).toBeLessThanOrEqual(8 + load.connections);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms);
    expect(gateway.cpuMs()).toBeGreaterThan(before);
    expect(gateway.residentMib()).toBeGreaterThan(10);
    await expect(runLoad({ ...load, key: 'another' })).rejects.toThrow(/failed/);
  });
});
