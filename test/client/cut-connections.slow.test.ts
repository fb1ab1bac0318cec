import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createProfileClient,
  type PatchResult,
  type ProfileClient,
} from '../../src/client/index.ts';
import { randomFrom } from '../state/chaos/random.ts';
import { count, readSeed } from '../support/counts.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';

const SEED = readSeed();
const LANES = 8;
const CALLS = count(400, 10_000);
/** Share of all chunks at which a connection breaks. */
const CUT_SHARE = 0.15;
const FIELD = 'cost_centre';

let gateway: RunningGateway;
let proxy: CuttingProxy;
let client: ProfileClient;

beforeAll(async () => {
  gateway = await startGateway();
  const port = Number(new URL(gateway.origin).port);
  proxy = await startCuttingProxy(port, randomFrom(SEED), CUT_SHARE);
  client = createProfileClient({ baseUrl: proxy.origin, timeoutMs: 5_000 });
});
afterAll(async () => {
  await proxy.close();
  await gateway.stop();
});

const idOf = (lane: number): string => `76da1a8c-0000-4000-8000-${String(lane).padStart(12, '0')}`;

/** Value of the field at the vendor. */
function stored(id: string): unknown {
  const attributes = gateway.sandbox('nerm').stored(id)?.attributes;
  return (attributes as Record<string, unknown> | undefined)?.[FIELD];
}

/** Patches one profile again and again; returns what does not agree with the vendor. */
async function patchInTurn(lane: number, outcomes: Map<string, number>): Promise<string[]> {
  const id = idOf(lane);
  gateway.sandbox('nerm').seed(id, {});
  const faults: string[] = [];
  for (let call = lane; call < CALLS; call += LANES) {
    const value = `value-${call}`;
    const before = gateway.upstream.length;
    const result: PatchResult = await client.patch(`nerm-demo:${id}`, {
      attributes: { [FIELD]: value },
    });
    outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
    const isThere = stored(id) === value;
    if (result.outcome === 'applied' && !isThere) faults.push(`${call}: applied, and not there`);
    if (result.outcome === 'rejected' && isThere) faults.push(`${call}: rejected, and there`);
    const sent = gateway.upstream
      .slice(before)
      .filter(({ method, path }) => method === 'PATCH' && path.includes(id));
    if (sent.length > 1) faults.push(`${call}: written ${sent.length} times`);
  }
  return faults;
}

test(`patches over connections that break end as the vendor has them: SEED=${SEED}`, async () => {
  const outcomes = new Map<string, number>();
  const lanes = Array.from({ length: LANES }, (_, lane) => patchInTurn(lane, outcomes));
  const faults = (await Promise.all(lanes)).flat();
  expect(faults).toEqual([]);
  expect(proxy.cuts()).toBeGreaterThan(CALLS / 10);
  expect(outcomes.get('applied')).toBeGreaterThan(0.95 * CALLS);
}, 600_000);
