import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { adapters as registry } from '../../../adapters/index.ts';
import {
  type Json,
  type JsonObject,
  own,
  ownObject,
  ownText,
  parseExact,
} from '../../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import { createApp } from '../../../src/http/app.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { createNodePorts } from '../../../src/node/ports.ts';
import { openState } from '../../../src/node/state/open-state.ts';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';
import { createOrphanCloser } from '../../../src/profiles/close-orphan.ts';
import { systemClock } from '../../../src/state/clock.ts';
import type { Canaries } from './search.ts';
import { type Fate, startVendors } from './vendors.ts';

/** Characters that encodings change, so that their forms differ. */
const random = (): string => randomBytes(6).toString('hex');
const SETTLE_MS = 20;
const LANES = 16;
const FATES: readonly Fate[] = ['applied', 'applied', 'rejected', 'unknown', 'partial'];

/** Secrets that the sandboxes ask for. */
const VENDOR_SECRETS = ['sandbox-password', 'sandbox-ncp-secret-key', 'sandbox-nerm-token'];

export type Written = Canaries & { readonly outcomes: ReadonlyMap<string, number> };

/**
 * Makes so many PATCHes with values, keys and credentials that stand nowhere else, through a
 * gateway whose state is `settings`.
 */
export async function writeCanaries(cases: number, settings: Json, folder: string) {
  const [valueMark, keyMark, callerKey] = [
    `v"${random()}é \\%`,
    `k${random()}`,
    `c-${random()}`.repeat(4),
  ];
  const vendors = await startVendors();
  const { app, hashKey, shared } = await startGateway(vendors.targets, callerKey, settings, folder);

  const outcomes = new Map<string, number>();
  const texts: string[] = [];
  const patch = async (i: number, lane: number): Promise<void> => {
    const of = vendors.profiles.filter((_, index) => index % LANES === lane);
    const profile = of[i % of.length];
    if (profile === undefined) throw new Error('there is no profile');
    profile.decide(FATES[Math.floor(Math.random() * FATES.length)] ?? 'applied');
    const [value, key] = [`${valueMark} ${i}`, `${keyMark}-${i}`];
    texts.push(value, key);
    const headers = new Headers({
      authorization: `Bearer ${callerKey}`,
      'content-type': 'application/merge-patch+json',
      ...(i % 2 === 0 ? { 'idempotency-key': key } : {}),
    });
    const body = JSON.stringify(profile.patchOf(value));
    const url = `http://gateway.test/profiles/${encodeURIComponent(profile.id)}`;
    for (const _ of i % 8 === 0 ? ['first', 'repeat'] : ['first']) {
      const answer = await app.request(url, { method: 'PATCH', headers, body });
      const outcome = outcomeIn(await answer.text());
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    profile.decide('applied');
    await sleep(SETTLE_MS);
  };
  let next = 0;
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    while (next < cases) {
      next += 1;
      await patch(next, lane);
    }
  });
  await Promise.all(lanes);
  const marks = [valueMark, keyMark, callerKey, ...VENDOR_SECRETS, hashKey];
  texts.push(callerKey, ...VENDOR_SECRETS);
  return {
    canaries: { marks, texts } satisfies Canaries,
    outcomes,
    close: async () => {
      await shared.close();
      await vendors.close();
    },
  };
}

/** Starts a gateway in this process with a state as configured. */
async function startGateway(
  targets: JsonObject,
  callerKey: string,
  settings: Json,
  folder: string,
) {
  const read = await readConfiguration(
    {
      version: 1,
      state: settings,
      targets,
      callers: {
        tester: {
          key: callerKey,
          scopes: ['profiles:read', 'profiles:write'],
          fields: { allow: ['/name', '/description', '/status', '/attributes'] },
          limits: { requestsPerSecond: 100_000 },
        },
      },
    },
    {
      adapters: registry.map((adapter) => ({ ...adapter, settleMs: SETTLE_MS })),
      lookup: { environment: () => undefined },
      clock: systemClock,
      digests: nodeDigests,
    },
  );
  if (!read.ok || read.state === undefined) throw new Error(JSON.stringify(read));
  const opened = await openState(read.state, folder, () => {}, createMetrics().state());
  if (!opened.ok) throw new Error(opened.problem);
  const { hashKey, name, shared } = opened.state;
  const { ports } = createNodePorts(() => {}, { state: shared.state });
  const { gateway } = read;
  const app = createApp({ adapters: gateway.adapters, ports, gateway: () => gateway });
  await shared.start(
    createOrphanCloser({ targets: () => gateway.targets, ports, hashKey, replica: name }),
  );

  return { app, hashKey, shared };
}

function outcomeIn(text: string): string {
  const body = parseExact(text);
  const write = ownObject(body ?? null, 'write');
  return (
    ownText(write, 'outcome') ??
    ownText(body ?? null, 'outcome') ??
    String(own(Object(body), 'code'))
  );
}
