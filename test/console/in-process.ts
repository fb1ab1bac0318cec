import { createSandboxSet } from '../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { createConsole } from '../../src/console/app.ts';
import type { LiveSources } from '../../src/console/live.ts';
import { listTargetViews } from '../../src/http/routes/admin.ts';
import { type ProcessStats, statsView } from '../../src/http/routes/overview/stats.ts';
import { readAssetFile } from '../../src/node/console/asset-files.ts';
import { countHour } from '../../src/node/telemetry/counted-meter.ts';
import { createMetrics } from '../../src/node/telemetry/prometheus.ts';
import { clockOf } from '../support/clock.ts';
import {
  createInMemoryGateway,
  type InMemoryGateway,
  NOW_MS,
  UPSTREAM,
} from '../support/in-memory.ts';
import { answerAsVendor, documentOf } from './stage.ts';

export const SESSION_KEY = 'a-session-key-of-the-tests-0123456789';

/** A gateway in this process, before sandboxes of all vendors, with counts and no state. */
export async function openGatewayHere(document: JsonObject = {}) {
  let nowMs = NOW_MS;
  const now = () => nowMs;
  const set = createSandboxSet(now, sandboxes);
  const { hour, meter } = countHour(createMetrics(), now);
  const whole: JsonObject = { ...documentOf(set, UPSTREAM), ...document };
  const gateway = await createInMemoryGateway({
    document: Object.fromEntries(Object.entries(whole).filter(([, part]) => part !== null)),
    fetch: (request) => answerAsVendor(set, request),
    clock: clockOf(now),
    meter,
    process: { stats: async () => [hour()] },
    openLinks: async () => ({ ok: true, links: { find: () => undefined } }),
  });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { gateway, hour, pass, set };
}

export type ConsoleOptions = {
  readonly sessionKey?: string;
  readonly hour?: () => ProcessStats;
  readonly isEnding?: () => boolean;
  readonly matches?: LiveSources['matches'];
};

/** The console of a gateway, in this process. */
export function consoleOf(gateway: InMemoryGateway, options: ConsoleOptions = {}) {
  const { hour, isEnding = () => false, sessionKey = SESSION_KEY } = options;
  const { matches = async () => [] } = options;
  const { fetch, ports, snapshot } = gateway;
  return createConsole({
    ports,
    gateway: () => snapshot,
    ask: fetch,
    readAsset: readAssetFile,
    sessionKey: () => sessionKey,
    live: {
      targets: () => listTargetViews(snapshot, {}),
      stats: async () => statsView(hour === undefined ? [] : [hour()], ports.now()),
      matches,
      isEnding,
    },
  });
}
