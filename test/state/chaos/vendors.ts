import { setTimeout as sleep } from 'node:timers/promises';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { SUBJECTS } from '../../faults/subjects.ts';

/** An effective change at a vendor: the number that the write carried, where it shows one. */
export type Effect = {
  readonly profile: string;
  readonly number: number;
  readonly before: JsonObject;
  readonly after: JsonObject;
};

/** Times of a write at its vendor, by the system's clock. */
export type Arrival = { readonly arrivedAtMs: number; landedAtMs: number | undefined };

/** A profile that writes compete for. */
export type Profile = {
  /** The id for the gateway. */
  readonly id: string;
  /** A patch that carries `number`, and how the vendor stores that. */
  readonly patchOf: (number: number, random: () => number) => JsonObject;
};

export type VendorsOptions = {
  readonly random: () => number;
  /** Share of writes whose answer is lost; of these a third is late, and a third never comes. */
  readonly lostShare: number;
  readonly lateMsMax: number;
  /** Time after which a gateway waits for an answer no more. */
  readonly timeoutMs?: number;
  /** Profiles of each vendor. */
  readonly profilesEach?: number;
  /** Time that one answer in `SLOW_EVERY` takes. */
  readonly slowMs?: number;
};

/** Longest time that an answer takes which is not lost. */
const ANSWER_MS_MAX = 20;
const SLOW_EVERY = 20;
/** After so long the one who waits for a lost answer has gone. */
const LOST_MS = 3_000;
/** A write that lands later than a vendor may is dropped: this process was held up. */
const LAG_MS_MAX = 300;
const PROFILES = 3;

/** The vendors' sandboxes behind one server that loses answers. */
export async function startVendors(options: VendorsOptions) {
  const { lateMsMax, lostShare, random, slowMs = 0 } = options;
  const { profilesEach = PROFILES, timeoutMs = 800 } = options;
  const set = createSandboxSet(Date.now, sandboxes);
  const chosen = SUBJECTS.filter(({ name }) => name !== 'iam (keystone)');
  const profiles = chosen.flatMap((subject) =>
    Array.from({ length: profilesEach }, (_, i): Profile => {
      const upstreamId = otherId(subject.id, i);
      set.byFolder.get(subject.folder)?.seed(upstreamId, subject.seeds[0]);
      return {
        id: `${subject.vendor}:${upstreamId}`,
        patchOf: PATCHES[subject.vendor] ?? describe,
      };
    }),
  );
  /** The writes that have come to a vendor, by their numbers. */
  const arrived = new Map<number, Arrival>();
  const land = async (request: Request, arrival: Arrival): Promise<Response> => {
    if (Date.now() - arrival.arrivedAtMs > lateMsMax + slowMs + LAG_MS_MAX) return lost();
    const response = await set.fetch(request);
    arrival.landedAtMs = Date.now();
    return response;
  };

  const answer = async (request: Request): Promise<Response> => {
    const text = await request.clone().text();
    const number = numberIn(text);
    if (request.method === 'GET' || number === undefined) return set.fetch(request);
    const arrival: Arrival = { arrivedAtMs: Date.now(), landedAtMs: undefined };
    arrived.set(number, arrival);
    const isSlow = slowMs > 0 && arrived.size % SLOW_EVERY === 0;
    await sleep(isSlow ? slowMs : random() * ANSWER_MS_MAX);
    if (random() >= lostShare) return land(request, arrival);
    const fate = random();
    if (fate < 1 / 3) return lost();
    if (fate < 2 / 3) await sleep(random() * lateMsMax);
    await land(request, arrival);
    return lost();
  };
  const server = await listen(answer, '127.0.0.1', 0);
  const settings = chosen.map(({ settings, vendor }): [string, JsonObject] => [
    vendor,
    { ...settings(server.origin), timeoutMs, limits: { deadlineMs: 5 * timeoutMs } },
  ]);
  return {
    document: { version: 1, targets: Object.fromEntries(settings) } satisfies JsonObject,
    profiles,
    arrived,
    effects: () => chosen.flatMap(({ folder }) => effectsOf(set.byFolder.get(folder))),
    close: () => server.drain(Promise.resolve()),
  };
}

export type Vendors = Awaited<ReturnType<typeof startVendors>>;

function effectsOf(sandbox: Sandbox | undefined): Effect[] {
  return (sandbox?.journal() ?? []).flatMap(({ after, before, id }) => {
    const number = newNumber(before, after);
    return number === undefined ? [] : [{ profile: id, number, before, after }];
  });
}

/** The number that stands in `after` and not in `before`. */
function newNumber(before: JsonObject, after: JsonObject): number | undefined {
  const known = new Set(numbersIn(before));
  return numbersIn(after).find((number) => !known.has(number));
}

export function numbersIn(value: JsonObject): number[] {
  return [...JSON.stringify(value).matchAll(/"w(\d+)"/g)].map(([, digits]) => Number(digits));
}

function numberIn(text: string): number | undefined {
  const [, digits] = /"w(\d+)"/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

const describe = (number: number): JsonObject => ({ description: `w${number}` });

/** Patches that carry a number, by vendor. */
const PATCHES: Readonly<Record<string, Profile['patchOf']>> = {
  senlin: (number, random) => ({ attributes: { [`key${pick(4, random)}`]: `w${number}` } }),
  nerm: (number, random) => {
    const keys = ['cost_centre', 'nickname', 'remarks'];
    return { attributes: { [keys[pick(3, random)] ?? '']: `w${number}` } };
  },
  naver: (number, random) => {
    const status = random() < 0.5 ? 'active' : 'inactive';
    return random() < 0.3 ? { ...describe(number), status } : describe(number);
  },
};

function pick(count: number, random: () => number): number {
  return Math.floor(random() * count);
}

/** Another id of the same form. */
function otherId(id: string, i: number): string {
  return `${id.slice(0, -2)}${(0xa0 + i).toString(16)}`;
}

async function lost(): Promise<Response> {
  await sleep(LOST_MS);
  return new Response(null, { status: 504 });
}
