import { adapters } from '../../../adapters/index.ts';
import type { Adapter } from '../../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import type { Links } from '../../../src/routing/links.ts';
import { type Resolved, resolve } from '../../../src/routing/resolve.ts';
import type { RouteRequest } from '../../../src/routing/router.ts';
import { clockOf } from '../../support/clock.ts';

const keystone = (folder: string, more: object = {}) => ({
  vendor: 'iam',
  dialect: 'keystone',
  baseUrl: `https://${folder}.example.com`,
  auth: {
    method: 'password',
    username: 'gateway',
    password: 'not-a-real-password',
    userDomain: 'Default',
    domain: 'Default',
  },
  ...more,
});

/** Adapters that take any id but `bad`, so that ids of these tests can say what they are. */
const lenient = adapters.map(
  (adapter): Adapter => ({
    ...adapter,
    open: (settings) => {
      const opened = adapter.open(settings);
      if (!opened.ok) return opened;
      const refuseId = (id: string) => (id === 'bad' ? 'anything else' : undefined);
      return { ok: true, connection: { ...opened.connection, validateId: refuseId } };
    },
  }),
);

/** `east` and `west` are of one account. */
export const TARGETS = {
  east: keystone('east', { idNamespace: 'main' }),
  west: keystone('west', { idNamespace: 'main' }),
  north: keystone('north'),
  south: keystone('south'),
};

export const hr = { key: 'an-example-key-of-no-worth', scopes: ['profiles:read'] };

export type LinkEntries = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function linksOf(entries: LinkEntries): Links {
  const links = new Map(
    Object.entries(entries).map(([id, at]) => [id, new Map(Object.entries(at))]),
  );
  return { find: (id) => links.get(id) };
}

/** What the configuration of these parts becomes, or its problems. */
export async function configure(routes: readonly object[], parts: object = {}, links?: Links) {
  const document = {
    version: 1,
    targets: TARGETS,
    routes,
    ...(links === undefined ? {} : { links: 'here' }),
    ...parts,
  };
  return readConfiguration(document, {
    adapters: lenient,
    lookup: { environment: () => undefined },
    clock: clockOf(() => 0),
    digests: nodeDigests,
    ...(links === undefined ? {} : { openLinks: async () => ({ ok: true, links }) }),
  });
}

export async function gatewayOf(
  routes: readonly object[],
  parts: object = {},
  links?: Links,
): Promise<ConfigSnapshot> {
  const read = await configure(routes, parts, links);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.gateway;
}

export async function problemsOf(
  routes: readonly object[],
  parts: object = {},
  links?: Links,
): Promise<string[]> {
  const read = await configure(routes, parts, links);
  return read.ok ? [] : read.problems.map(({ message, path }) => `${path}: ${message}`);
}

export async function warningsOf(routes: readonly object[], parts: object = {}) {
  const read = await configure(routes, parts);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.warnings.filter((warning) => warning.startsWith('routes'));
}

export type Asked = {
  readonly id: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly caller?: string;
};

/** A request as rules see it; names of headers are read as HTTP reads them. */
export function request({ caller, headers = {}, id }: Asked): RouteRequest {
  const received = new Headers(headers);
  return { id, caller, header: (name) => received.get(name) ?? undefined };
}

/** `target/upstreamId`, or the code of the refusal. */
export async function lead(gateway: ConfigSnapshot, asked: Asked | string): Promise<string> {
  const resolved = await resolve(
    request(typeof asked === 'string' ? { id: asked } : asked),
    gateway,
  );
  return resolved.ok ? place(resolved.value) : resolved.fault.code;
}

function place({ target, upstreamId }: Resolved): string {
  return `${target.name}/${upstreamId}`;
}
