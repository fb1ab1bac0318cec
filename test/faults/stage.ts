import type { Connection, HttpRequest, HttpResponse } from '../../src/adapter-kit/index.ts';
import type { Case, Hit, Step } from './cases.ts';
import type { Late, Passage } from './faults.ts';
import { intendedChange, outsideChange } from './intents.ts';
import type { Arrival, Script } from './proxy.ts';
import type { Vendor } from './vendor.ts';

export const FIRST = 'first caller';
export const SECOND = 'second caller';
/** Reads the profile before the first caller writes, and meets no fault. */
export const READER = 'reader';

/** Decides what befalls each request of a case. */
export type Stage = {
  readonly script: Script;
  readonly sent: readonly string[];
  /** Tells which request comes next, before it is sent: faults of connections need to know. */
  readonly announce: (request: HttpRequest) => void;
  readonly setOwner: (owner: string) => void;
  /** Whether any request was held back, which may have arrived by now. */
  readonly hasHeld: () => boolean;
  /** Hands over what was held until the end. */
  readonly release: () => Promise<void>;
};

export function createStage(given: Case, vendor: Vendor, connection: Connection): Stage {
  const left = new Map<Hit, number>(given.hits.map((hit) => [hit, hit.times]));
  const closes = given.hits.some(({ fault }) => fault.meets !== 'request');
  const stepOf = createSteps();
  const held = createHeld();
  const writeOutside = createOutside(given, vendor);
  const sent: string[] = [];
  const before = vendor.sandbox.stored(given.subject.id) ?? {};
  let owner = FIRST;
  let hit: Hit | undefined;
  let step: Step = 'token';

  const meet = async (arrival: Arrival): Promise<void> => {
    const met = hit;
    const from = owner;
    await held.overtake(step);
    if (from !== READER) writeOutside(step);
    const sentAt = vendor.deliveries.length;
    const deliver = (): Promise<HttpResponse> => vendor.deliver(arrival, from, sentAt);
    const passage = passageOf(given, vendor, arrival, closes, {
      deliver,
      hold: (late) => held.hold(late, deliver),
      unwritten: () => vendor.read(arrival, connection),
      old: () => vendor.readOld(arrival, before),
    });
    if (met === undefined) passage.answer(await passage.deliver());
    else if (typeof met.fault.how === 'function') await met.fault.how(passage);
  };

  return {
    sent,
    hasHeld: held.ever,
    release: held.release,
    setOwner: (next) => {
      owner = next;
    },
    announce: (request) => {
      step = stepOf(request);
      sent.push(`${step}: ${request.method} ${request.path}`);
      const waiting = given.hits.find((h) => h.step === step && (left.get(h) ?? 0) > 0);
      hit = owner === FIRST ? waiting : undefined;
      if (hit !== undefined) left.set(hit, (left.get(hit) ?? 0) - 1);
    },
    script: {
      lookup: () => {
        const how = hit?.fault.how;
        return how === 'nobody' || how === 'unknown name' ? how : 'proxy';
      },
      connection: () => {
        const how = hit?.fault.how;
        return how === 'hang' || how === 'reset' ? how : 'serve';
      },
      request: (arrival) =>
        meet(arrival).catch((error: unknown) => {
          arrival.reset();
          throw error;
        }),
    },
  };
}

/** Tells what each request of an exchange is for. */
function createSteps(): (request: HttpRequest) => Step {
  const writes: string[] = [];
  return ({ method, path }) => {
    if (/\/auth\/tokens|\/oauth/.test(path)) return writes.length > 0 ? 'second token' : 'token';
    if (method === 'GET') return writes.length > 0 ? 'read-back' : 'read';
    const key = `${method} ${path}`;
    if (!writes.includes(key)) writes.push(key);
    return writes.indexOf(key) === 0 ? 'write' : 'second write';
  };
}

/** Requests that the vendor gets later than the gateway thinks, in the order they were sent. */
function createHeld() {
  type Held = { readonly late: Late; readonly deliver: () => Promise<unknown> };
  let held: readonly Held[] = [];
  let reads = 0;
  let ever = false;
  const release = async (isDue: (late: Late) => boolean = () => true): Promise<void> => {
    const due = held.filter(({ late }) => isDue(late));
    held = held.filter((one) => !due.includes(one));
    for (const { deliver } of due) await deliver();
  };
  return {
    ever: () => ever,
    release: () => release(),
    hold: (late: Late, deliver: () => Promise<unknown>): void => {
      held = [...held, { late, deliver }];
      ever = true;
    },
    /** Lets those overtake a request of `step` that has just arrived whose time has come. */
    overtake: async (step: Step): Promise<void> => {
      const isRead = step === 'read-back';
      if (isRead && held.length > 0) reads += 1;
      const isWrite = step === 'write' || step === 'second write';
      await release(
        (late) =>
          (late === 'before the next read' && isRead) ||
          (late === 'before the second read' && isRead && reads >= 2) ||
          (late === 'before the next write' && isWrite),
      );
    },
  };
}

/** Another client of the vendor, who writes once. */
function createOutside({ outside, patch, subject }: Case, { sandbox }: Vendor) {
  let hasWritten = false;
  return (step: Step): void => {
    if (outside === undefined || hasWritten || outside.step !== step) return;
    hasWritten = true;
    const stored = sandbox.stored(subject.id) ?? {};
    const changes = {
      'another member': () => subject.outsideElsewhere(stored),
      'the same members': () => outsideChange(subject, patch, stored),
      'the intended values': () => intendedChange(subject, patch, stored),
    };
    sandbox.outsideWrite(subject.id, changes[outside.what]());
  };
}

function passageOf(
  { subject }: Case,
  vendor: Vendor,
  arrival: Arrival,
  closes: boolean,
  ways: Pick<Passage, 'deliver' | 'hold' | 'old' | 'unwritten'>,
): Passage {
  const close = closes ? { connection: 'close' } : {};
  const front: Passage['front'] = (status, body, headers = {}) => ({
    status,
    body,
    headers: { 'content-type': 'application/json', date: vendor.date(), ...headers },
  });
  return {
    ...ways,
    front,
    expired: () => front(subject.expired.status, subject.expired.body),
    answer: (answer) => arrival.answer({ ...answer, headers: { ...answer.headers, ...close } }),
    cut: arrival.cut,
    dribble: arrival.dribble,
    reset: arrival.reset,
  };
}
