import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { V8_FLAGS } from '../../src/node/cli/v8-flags.ts';
import { freePort } from '../support/free-port.ts';
import { coresFor, OTHERS_CORE } from './cores.ts';
import { type Subject, startSubject } from './process.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** The vendors, a folder for files, and all that was started to be measured. */
export type Stage = {
  readonly folder: string;
  readonly upstream: Upstream;
  /** The vendors with more attributes in their answers, in a folder of their own. */
  readonly upstreamWith: (
    name: string,
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Upstream & { readonly folder: string }>;
  /** A gateway of one process, or of some workers on cores of their own. */
  readonly gateway: (file: string, workers?: number) => Promise<Subject>;
  readonly peer: (name: PeerName | 'list', vendor: string, upstream?: string) => Promise<Subject>;
  /** A NERM of so many profiles, in a process of its own beside the callers. */
  readonly nerm: (profiles: number) => Promise<Subject>;
  readonly stop: () => Promise<void>;
};

/** The entry that `npm run build` makes, as it is deployed. */
export const GATEWAY = 'dist/gateway.js';

export const PEERS = ['fastify', 'fastify-lean', 'hono-floor', 'bare'] as const;
export type PeerName = (typeof PEERS)[number];

/** The media type of patches to a subject: the lean peer takes no other one. */
export function patchTypeOf(subject: string): string {
  return subject === 'fastify-lean' ? 'application/json' : 'application/merge-patch+json';
}

export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  const upstream = await startUpstream(folder, await freePort(), OTHERS_CORE);
  const started: Subject[] = [];
  const others: Upstream[] = [];
  const start = async (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    cores?: string,
  ): Promise<Subject> => {
    const output = join(folder, `output-${started.length}`);
    const subject = await startSubject({
      args,
      environment,
      output,
      cores,
      port: await freePort(),
    });
    started.push(subject);
    return subject;
  };
  return {
    folder,
    upstream,
    upstreamWith: async (name, attributes) => {
      const own = join(folder, name);
      const other = await startUpstream(own, await freePort(), OTHERS_CORE, attributes);
      others.push(other);
      return { ...other, folder: own };
    },
    gateway: (file, workers = 1) => {
      const args = [...V8_FLAGS, GATEWAY, '--config', file, '--workers', `${workers}`];
      return start(args, {}, workers === 1 ? undefined : coresFor(workers));
    },
    peer: (name, vendor, origin = upstream.origin) =>
      start([`test/bench/peers/${name}.ts`], { UPSTREAM: origin, VENDOR: vendor }),
    nerm: (profiles) =>
      start(['test/bench/list-vendor.ts'], { PROFILES: String(profiles) }, `${OTHERS_CORE}`),
    stop: async () => {
      await Promise.all(started.map((subject) => subject.stop()));
      await Promise.all([upstream, ...others].map((vendors) => vendors.stop()));
      rmSync(folder, { recursive: true });
    },
  };
}
