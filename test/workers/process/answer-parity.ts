import type { IncomingMessage } from 'node:http';
import { sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { isObject, type JsonObject, ownObject } from '../../../src/adapter-kit/index.ts';
import { type Answer, call, MERGE_PATCH, part } from '../../support/client.ts';
import { IAM, NAVER, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';
import { comparable } from './comparable.ts';
import { startNode } from './node-entry.ts';
import { startWorkerd } from './plain-workerd.ts';
import { type RawVendor, startRawVendor } from './raw-vendor.ts';
import { answers } from './vendor-answers.ts';
import { AUTHORIZED, CALLER_KEY, callers } from './worker.ts';

/** Requests whose answers are mangled: reads, writes alone, all but those for tokens, or those. */
export const MODES = ['read', 'write', 'patch', 'token'] as const;
type Mode = (typeof MODES)[number];

const PROFILES = { 'senlin-demo': SENLIN, 'nerm-demo': NERM, 'iam-demo': IAM, 'naver-demo': NAVER };
export const TARGETS = Object.keys(PROFILES) as readonly (keyof typeof PROFILES)[];

export type Case = { readonly answer: string; readonly mode: Mode };

const nameOf = ({ answer, mode }: Case, target: string): string =>
  `${target}-${answer.replace('.', '-')}-${mode}`;

/** A gateway on Node and one on workerd, each before vendors of its own for each of `cases`. */
export async function startBoth(cases: readonly Case[]) {
  const nowMs = Date.now();
  const stops: (() => Promise<unknown>)[] = [];
  const vendors = async () => {
    const found = new Map<Case, RawVendor>();
    for (const each of cases) {
      const vendor = await startRawVendor(
        () => nowMs,
        (request, plain) =>
          isMeant(each.mode, request) ? answers[each.answer]?.(plain) : undefined,
      );
      found.set(each, vendor);
      stops.push(vendor.stop);
    }
    return found;
  };
  const [ofNode, ofWorker] = [await vendors(), await vendors()];
  const [node, worker] = await Promise.all([
    startNode(configurationOf(ofNode)),
    startWorkerd({
      GATEWAY_CONFIG: JSON.stringify(configurationOf(ofWorker)),
      PORTAL_KEY: CALLER_KEY,
    }),
  ]);
  return {
    ask: async (each: Case, target: (typeof TARGETS)[number]) => {
      const asked = async (origin: string, vendors: ReadonlyMap<Case, RawVendor>) => {
        const answer = await send(origin, each, target);
        const sent = vendors.get(each)?.sent ?? [];
        return {
          ...comparable(answer),
          summary: summaryOf(answer),
          // Each once: the deadline decides how often a read is repeated.
          sent: [...new Set(sent.filter((line) => line.includes(folderOf(target))))],
        };
      };
      const [onNode, onWorkers] = await Promise.all([
        asked(node.origin, ofNode),
        asked(worker.origin(), ofWorker),
      ]);
      return { onNode, onWorkers };
    },
    stop: async () => {
      await Promise.all([node.stop(), worker.stop()]);
      for (const stop of stops) await stop();
    },
  };
}

export type BothRuntimes = Awaited<ReturnType<typeof startBoth>>;

/** The status, the code, the outcome and the evidence of an answer, as far as it has them. */
function summaryOf(answer: Answer): string {
  const { code, outcome } = answer.json;
  const write = part(answer, 'write');
  const all = [answer.status, code, outcome, write.outcome, write.evidence];
  return all.filter((told) => told !== undefined).join(' ');
}

const folderOf = (target: string): string => `/${target.replace('-demo', '')}/`;

function isMeant(mode: Mode, { method, url = '' }: IncomingMessage): boolean {
  const isToken = /\/auth\/tokens|\/oauth/.test(url);
  if (mode === 'token') return isToken;
  if (isToken) return false;
  return mode === 'patch' || (method === 'GET') === (mode === 'read');
}

function configurationOf(vendors: ReadonlyMap<Case, RawVendor>): JsonObject {
  const targets: Record<string, JsonObject> = {};
  for (const [each, { origin, set }] of vendors) {
    const found = ownObject(sandboxConfiguration(set, origin), 'targets') ?? {};
    for (const [target, settings] of Object.entries(found)) {
      if (isObject(settings)) targets[nameOf(each, target)] = settings;
    }
  }
  return { version: 1, targets, callers };
}

function send(origin: string, each: Case, target: (typeof TARGETS)[number]) {
  const path = `/profiles/${nameOf(each, target)}:${upstreamIdOf(PROFILES[target])}`;
  const headers = { ...AUTHORIZED, 'x-request-id': nameOf(each, target) };
  if (each.mode === 'read' || each.mode === 'token') return call(origin, path, { headers });
  const body = JSON.stringify(target === 'iam-demo' ? { description: 'p' } : PATCHES[target]);
  return call(origin, path, { method: 'PATCH', headers: { ...headers, ...MERGE_PATCH }, body });
}

const PATCHES = {
  'senlin-demo': { name: 'parity', attributes: { owner: 'blue' } },
  'nerm-demo': { status: 'on_leave', attributes: { cost_centre: '4711' } },
  'naver-demo': { description: 'parity' },
};
