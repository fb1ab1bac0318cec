import type { JsonObject } from '../../src/adapter-kit/json.ts';
import type { Unkind } from './unkind.ts';

/** Options of a sandbox. Time comes in from outside so that tests can move it. */
export type SandboxOptions = {
  /** Path prefix the sandbox is mounted under, such as `/vendor`; signatures cover it. */
  readonly basePath: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Another folder's sandbox of the same set, for vendors that share an identity service. */
  readonly peer: (folder: string) => Sandbox;
  /** Makes the vendor harder to work with than its documents. */
  readonly unkind?: Unkind | undefined;
};

/** One effective change of a stored resource, as the sandbox itself saw it. */
export type SandboxChange = {
  readonly sequence: number;
  readonly atMs: number;
  readonly id: string;
  /** The request that made the change, or `outside` for `outsideWrite`. */
  readonly by: 'request' | 'outside';
  readonly before: JsonObject;
  readonly after: JsonObject;
};

/** An example for newcomers: a target's configuration, a seeded id and a patch for it. */
export type SandboxDemo = {
  readonly target: string;
  /** `origin` is where the sandboxes listen, such as `http://127.0.0.1:8788`. */
  readonly configuration: (origin: string) => JsonObject;
  readonly id: string;
  readonly patch: JsonObject;
};

/**
 * A stand-in for one vendor that behaves as its documents specify, and strictly where they allow
 * two readings. It keeps its state in memory and never answers 2xx where the vendor would refuse.
 */
export type Sandbox = {
  /** Answers a request for `basePath` and below; the request's URL is the one that was sent. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Absent for a folder that is no vendor of its own. */
  readonly demo?: SandboxDemo;
  /** The stored resource in the vendor's own field names, or undefined. For tests. */
  readonly stored: (id: string) => JsonObject | undefined;
  /** Changes a stored resource as another client of the vendor would: top-level keys replaced. */
  readonly outsideWrite: (id: string, change: JsonObject) => void;
  /** Deletes a stored resource as another client of the vendor would. Absent: it cannot. */
  readonly outsideRemove?: (id: string) => void;
  /** Ids of all stored resources. Absent: the sandbox creates none. For tests. */
  readonly ids?: () => readonly string[];
  /** Stores a resource under `id`, with the seeded one's values as defaults. For tests. */
  readonly seed: (id: string, resource: JsonObject) => void;
  /** Every effective change since the start, oldest first; bounded by `JOURNAL_ENTRIES_MAX`. */
  readonly journal: () => readonly SandboxChange[];
};

/** Most changes that a sandbox remembers. */
export const JOURNAL_ENTRIES_MAX = 100_000;
