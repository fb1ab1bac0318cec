import { type JsonObject, ownText } from '../../../src/adapter-kit/index.ts';
import type { StoredReceipt } from '../../../src/state/state-database.ts';
import { type Asked, requestIdOf } from './callers.ts';
import { type Arrival, type Effect, numbersIn } from './vendors.ts';

export type ChaosRecord = {
  readonly asked: readonly Asked[];
  readonly arrived: ReadonlyMap<number, Arrival>;
  readonly effects: readonly Effect[];
  readonly receipts: readonly StoredReceipt[];
};

export type Findings = {
  /** Receipts that claim what the vendor's journal denies. */
  readonly wrong: readonly string[];
  /** Applied values that an earlier write has taken away. */
  readonly lost: readonly string[];
  /** Effects out of the order of their fences. */
  readonly disordered: readonly string[];
  /** Writes that came to a vendor, without exactly one receipt. */
  readonly unrecorded: readonly string[];
  /** Callers who got another outcome than the receipt says. */
  readonly contradicted: readonly string[];
};

type Closed = {
  readonly number: number;
  readonly profile: string;
  readonly fence: number;
  readonly outcome: string;
  readonly recoveredBy: string | undefined;
};

/** Compares receipts and answers with what the vendors saw. */
export function findFaults(record: ChaosRecord): Findings {
  const { arrived, asked, effects, receipts } = record;
  const receiptOf = new Map(receipts.map((receipt) => [closedBy(receipt).number, receipt]));
  const receiptsByNumber = Map.groupBy(
    receipts.map((receipt) => closedBy(receipt)),
    ({ number }) => number,
  );
  const closed = new Map([...receiptsByNumber].flatMap(([n, [one]]) => (one ? [[n, one]] : [])));
  const effective = new Set(effects.map(({ number }) => number));
  const wrong = [...closed.values()].flatMap(({ number, outcome }) => {
    const isEffective = effective.has(number);
    const seen = (): string => JSON.stringify({ ...arrived.get(number), ...receiptOf.get(number) });
    if (outcome === 'applied' && !isEffective)
      return [`${number} is applied, never was: ${seen()}`];
    if (outcome === 'rejected' && isEffective)
      return [`${number} is rejected, was made: ${seen()}`];
    return [];
  });
  const unrecorded = [...arrived.keys()].flatMap((number) => {
    const count = receiptsByNumber.get(number)?.length ?? 0;
    return count === 1 ? [] : [`${number} has ${count} receipts`];
  });
  const contradicted = asked.flatMap(({ number, outcome }) => {
    const receipt = closed.get(number);
    if (receipt === undefined || outcome === undefined || outcome === receipt.outcome) return [];
    // The answer went out before its replica ended, or knew less than the one that closed it.
    const isKnownLater = outcome === 'unknown' || receipt.outcome === 'unknown';
    if (receipt.recoveredBy !== undefined && isKnownLater) return [];
    const body = JSON.stringify(receiptOf.get(number));
    return [`${number} was answered ${outcome}, and its receipt says ${receipt.outcome}: ${body}`];
  });
  return {
    wrong,
    unrecorded,
    contradicted,
    disordered: disordered(effects, closed),
    lost: lost(record),
  };
}

function closedBy({ body, outcome }: StoredReceipt): Closed {
  const said: JsonObject = JSON.parse(body);
  const requestId = ownText(said, 'requestId') ?? '';
  return {
    number: Number(requestId.replace(requestIdOf(0).slice(0, -1), '')),
    profile: ownText(said, 'upstreamId') ?? '',
    fence: Number(said.fence),
    outcome,
    recoveredBy: ownText(said, 'recoveredBy'),
  };
}

/** Effects on a profile whose fence is lower than that of one before. */
function disordered(effects: readonly Effect[], closed: ReadonlyMap<number, Closed>): string[] {
  const highest = new Map<string, Closed>();
  return effects.flatMap(({ number, profile }) => {
    const one = closed.get(number);
    if (one === undefined) return [];
    const before = highest.get(profile);
    if (before === undefined || before.fence <= one.fence) {
      highest.set(profile, one);
      return [];
    }
    return [`${number} with fence ${one.fence} came after ${before.number} with ${before.fence}`];
  });
}

/** Values that vanished by the effect of a write that did not name their members. */
function lost({ asked, effects }: ChaosRecord): string[] {
  const placeOf = new Map(asked.map(({ number, patch }) => [number, placesOf(patch)]));
  return effects.flatMap(({ after, before, number }) => {
    const kept = new Set(numbersIn(after));
    const gone = numbersIn(before).filter((other) => !kept.has(other));
    return gone
      .filter((other) => !meets(placeOf.get(other), placeOf.get(number)))
      .map((other) => `${other} was taken away by ${number}`);
  });
}

/** The members that a patch names. */
function placesOf(patch: JsonObject): string[] {
  return Object.entries(patch).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).map((key) => `${name}/${key}`)
      : [name],
  );
}

function meets(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a.some((place) => b.includes(place));
}
