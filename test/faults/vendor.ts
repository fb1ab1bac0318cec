import type { Sandbox, SandboxChange } from '../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes } from '../../adapters/sandboxes.ts';
import type {
  Connection,
  HttpRequest,
  HttpResponse,
  JsonObject,
} from '../../src/adapter-kit/index.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import type { Case } from './cases.ts';
import type { Arrival } from './proxy.ts';
import type { Subject } from './subject.ts';

/** One request that the vendor saw, and what it changed. */
export type Delivery = {
  readonly owner: string;
  readonly method: string;
  readonly path: string;
  /** Entries of the journal before the request, and after it. */
  readonly from: number;
  readonly to: number;
  /** How many deliveries there were when it was sent: more by now where it came late. */
  readonly sentAt: number;
};

/** A vendor of one case: requests reach it one after the other, so each change has its cause. */
export type Vendor = {
  readonly sandbox: Sandbox;
  readonly deliveries: readonly Delivery[];
  readonly journal: () => readonly SandboxChange[];
  readonly deliver: (arrival: Arrival, owner: string, sentAt: number) => Promise<HttpResponse>;
  /** A read of the profile that `arrival` writes to, with the same credentials. */
  readonly read: (arrival: Arrival, connection: Connection) => Promise<HttpResponse>;
  /** Answers a read as a copy of the profile does that has not heard of any change since `seed`. */
  readonly readOld: (arrival: Arrival, seed: JsonObject) => Promise<HttpResponse>;
  readonly date: () => string;
};

export function openVendor({ frontSkewMs, subject, unkind = [] }: Case, now: () => number): Vendor {
  const byFolder = new Map<string, Sandbox>();
  const peer = (folder: string): Sandbox => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const create = sandboxes[folder];
    if (create === undefined) throw new Error(`no sandbox is called ${folder}`);
    const made = create({ basePath: `/${folder}`, now, peer, unkind: { modes: () => unkind } });
    byFolder.set(folder, made);
    return made;
  };
  const sandbox = peer(subject.folder);
  const deliveries: Delivery[] = [];
  const date = (): string => new Date(now() + frontSkewMs).toUTCString();
  let last: Promise<unknown> = Promise.resolve();

  const fetch = async (request: Request): Promise<HttpResponse> => {
    const folder = new URL(request.url).pathname.split('/')[1] ?? '';
    const response = await peer(folder).fetch(request);
    const headers = { ...Object.fromEntries(response.headers), date: date() };
    return { status: response.status, headers, body: await response.text() };
  };
  const inTurn = (task: () => Promise<HttpResponse>): Promise<HttpResponse> => {
    const answered = last.then(task);
    last = answered.catch(() => {});
    return answered;
  };
  const ask = (request: Request): Promise<HttpResponse> => inTurn(() => fetch(request));

  return {
    sandbox,
    deliveries,
    date,
    journal: () => sandbox.journal(),
    deliver: async ({ body, headers, host, method, path }, owner, sentAt) => {
      const url = `http://${host}${path}`;
      const init = { method, headers, ...(body === '' ? {} : { body }) };
      await last;
      const from = sandbox.journal().length;
      const answer = await ask(new Request(url, init));
      deliveries.push({ owner, method, path, from, to: sandbox.journal().length, sentAt });
      return answer;
    },
    readOld: ({ headers, host, method, path }, seed) =>
      inTurn(async () => {
        const current = sandbox.stored(subject.id);
        sandbox.seed(subject.id, seed);
        const answer = await fetch(new Request(`http://${host}${path}`, { method, headers }));
        sandbox.seed(subject.id, current ?? seed);
        return answer;
      }),
    read: async (arrival, connection) => {
      const path = arrival.path.replace(/\/(?:enable|disable)$/, '');
      const origin = `http://${arrival.host}`;
      const request: HttpRequest = { method: 'GET', origin, path, headers: {} };
      const { authorization } = connection;
      const signed =
        authorization.kind === 'signature'
          ? await authorization.sign(request, { nowMs: now(), digests: nodeDigests })
          : arrival.headers;
      const {
        'content-length': _,
        'content-type': __,
        ...headers
      } = signed as Record<string, string>;
      return ask(new Request(origin + path, { headers }));
    },
  };
}

/** Puts the profile of a case in place; what is stored then. */
export function seedVendor({ sandbox }: Vendor, subject: Subject, seed: JsonObject): JsonObject {
  for (const [id, resource] of Object.entries(subject.neighbours ?? {})) sandbox.seed(id, resource);
  sandbox.seed(subject.id, seed);
  const stored = sandbox.stored(subject.id);
  if (stored === undefined) throw new Error('the profile was not seeded');
  return stored;
}
