import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import type { AskApi } from '../../console/api.ts';
import { listTargetViews, type Process } from '../../http/routes/admin.ts';
import { matchRunView } from '../../http/routes/matches/match-view.ts';
import { statsView } from '../../http/routes/overview/stats.ts';
import { MATCH_RUNS_MAX } from '../../matching/match-limits.ts';
import type { Ports } from '../../ports.ts';
import { SESSION_KEY_BYTES } from '../cluster/messages.ts';
import type { WorkerLink } from '../cluster/worker-link.ts';
import type { Usable } from '../config/live-config.ts';

export type WithConsoleOptions = {
  readonly ports: Ports;
  readonly current: () => Pick<Usable, 'console' | 'gateway'>;
  /** Returns the gateway with the links that the API has changed. */
  readonly gateway: () => ConfigSnapshot;
  readonly process: Process;
  readonly link: Pick<WorkerLink, 'sessionKey'> | undefined;
};

/** Answers the console's requests by the console, and all others by `ask`, the API. */
export function withConsole(ask: AskApi, options: WithConsoleOptions): AskApi {
  const { current } = options;
  let opened: Promise<Hono> | undefined;
  return (request, binding) => {
    const isAsked = request.url.includes('/console') && PATH.test(new URL(request.url).pathname);
    if (!isAsked || binding.role === 'profiles' || !current().console.enabled) {
      return ask(request, binding);
    }
    // Loaded with the first request: a gateway whose console nobody opens starts without it.
    opened ??= openConsole(ask, options).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened.then((app) => app.fetch(request, binding));
  };
}

const PATH = /^\/console(?:\/|$)/;

async function openConsole(
  ask: AskApi,
  { current, gateway, link, ports, process }: WithConsoleOptions,
): Promise<Hono> {
  const [{ createConsole }, { readAssetFile }] = await Promise.all([
    import('../../console/app.ts'),
    import('./asset-files.ts'),
  ]);
  let made: Promise<string> | undefined;
  const makeKey = async (): Promise<string> =>
    (await link?.sessionKey()) ?? randomBytes(SESSION_KEY_BYTES).toString('base64url');
  return createConsole({
    ask,
    gateway,
    ports,
    readAsset: readAssetFile,
    sessionKey: () => {
      const { sessionKey } = current().console;
      if (sessionKey !== undefined) return sessionKey;
      made ??= makeKey().catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return made;
    },
    live: {
      targets: () => listTargetViews(gateway(), process),
      stats: async () => statsView((await process.stats?.()) ?? [], ports.now()),
      matches: async () => {
        const runs = await process.operations?.matches.runs(MATCH_RUNS_MAX);
        return (runs ?? []).map(matchRunView);
      },
      isEnding: () => process.isDraining?.() === true,
    },
  });
}
