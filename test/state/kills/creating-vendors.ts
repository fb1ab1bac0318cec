import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { FOLDERS } from '../../integration/create/stage.ts';
import { CREATE_FATES, type CreateFate, type Treatment } from './create-steps.ts';

/** Targets of which each is another vendor. */
export const CREATE_TARGETS = ['senlin-demo', 'nerm-demo', 'iam-demo', 'naver-demo'] as const;
export type CreateTarget = (typeof CREATE_TARGETS)[number];

const CREATE_PATHS = /\/(?:profiles|profile|v3\/projects)$/;
/** Names as `nameOf` makes them, with or without a part that the vendor puts before them. */
const NAMES = /n\d{5}([a-z]+?)x/;

const FATES: Readonly<Record<string, Treatment>> = CREATE_FATES;

/** Returns a name that no other one begins with, so that no search finds two. */
export function nameOf(target: CreateTarget, number: number, fate: CreateFate): string {
  const region = target === 'iam-demo' ? 'eu-de_' : '';
  return `${region}n${String(number).padStart(5, '0')}${fate}x`;
}

/** The vendors whose creates are held, so that their replica can end meanwhile. */
export async function startCreatingVendors(onHeld: () => void) {
  const set = createSandboxSet(Date.now, sandboxes);
  /** Creates that have come, by their names. */
  const sent = new Map<string, number>();
  const never = new Promise<never>(() => {});

  const answer = async (request: Request): Promise<Response> => {
    if (request.method !== 'POST' || !CREATE_PATHS.test(new URL(request.url).pathname)) {
      return set.fetch(request);
    }
    // Read whole: what comes to a vendor is processed, whatever becomes of the connection.
    const body = await request.text();
    const { headers, method, url } = request;
    const deliver = async () => set.fetch(new Request(url, { method, headers, body }));
    const [name = '', word = ''] = NAMES.exec(body) ?? [];
    sent.set(name, (sent.get(name) ?? 0) + 1);
    const { afterMs, is504, isHeld } = FATES[word] ?? {};
    if (afterMs === 0) await deliver();
    else if (afterMs !== undefined) setTimeout(() => void deliver(), afterMs);
    if (is504 === true) return new Response('<p>late</p>', { status: 504 });
    if (isHeld !== true) {
      const answered = await deliver();
      // What is sent again with a fresh token was not processed.
      if (answered.status === 401) sent.set(name, (sent.get(name) ?? 1) - 1);
      return answered;
    }
    onHeld();
    return never;
  };
  const server = await listen(answer, '127.0.0.1', 0);
  const demos = set.demos.filter(({ target }) => CREATE_TARGETS.some((one) => one === target));
  const targets = demos.map(({ configuration, target }): [string, JsonObject] => [
    target,
    { ...configuration(server.origin), timeoutMs: 30_000 },
  ]);
  return {
    document: { version: 1, targets: Object.fromEntries(targets) } satisfies JsonObject,
    sentOf: (name: string): number => sent.get(name.replace('eu-de_', '')) ?? 0,
    /** Ids of the profiles that have the name now. */
    made: (target: CreateTarget, name: string): string[] => {
      const sandbox = set.byFolder.get(FOLDERS[target] ?? '');
      return (sandbox?.ids?.() ?? []).filter((id) => sandbox?.stored(id)?.name === name);
    },
    close: () => server.drain(Promise.resolve()),
  };
}
