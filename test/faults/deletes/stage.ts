import { isObject, type JsonObject, own, ownText } from '../../../src/adapter-kit/index.ts';
import { UNKNOWN_REASONS } from '../../../src/writes/outcome.ts';
import { createStage, plantedId, type Stage } from '../../integration/listing/stage.ts';

/** Fate of one DELETE on its way: if it reaches the vendor, and what comes back. */
export const DELETE_FAULTS = [
  'none',
  'reset_before',
  'reset_after',
  'late',
  'status_500_before',
  'status_500_after',
  'status_503_before',
  'status_504_after',
  'html_200',
  'accepted_done',
  'accepted_not',
  'refused_token',
  'delivered_twice',
  'raced',
  'raced_then_reset',
] as const;
export type DeleteFault = (typeof DELETE_FAULTS)[number];

/** Fate of reads after the first DELETE. */
export const READ_FAULTS = ['none', 'reset', 'status_500'] as const;

export type DeleteCase = {
  readonly vendor: 'senlin' | 'nerm' | 'naver' | 'iam' | 'keystone';
  /** Fates of the first DELETE and of the one that is sent again. */
  readonly faults: readonly [DeleteFault, DeleteFault];
  readonly read: (typeof READ_FAULTS)[number];
};

export type DeleteStage = {
  readonly run: (what: DeleteCase) => Promise<string | undefined>;
  /** Ends of the cases. */
  readonly counts: Readonly<Record<'applied' | 'rejected' | 'unknown', number>>;
};

const TARGETS = {
  senlin: 'senlin-demo',
  nerm: 'nerm-demo',
  naver: 'naver-demo',
  iam: 'otc-delete',
  keystone: 'keystone-demo',
} as const;

/** Creates what runs one delete after another; each returns what is wrong with its outcome. */
export function createDeleteStage(): DeleteStage {
  const counts = { applied: 0, rejected: 0, unknown: 0 };
  let number = 0;
  return {
    counts,
    run: async (what) => {
      number += 2;
      const { vendor } = what;
      const [id, neighbor] = [plantedId(vendor, number), plantedId(vendor, number + 1)];
      const plain = await createStage();
      const way = createWay(plain, what, id);
      // Each with breakers and credentials of its own: no case suffers for another.
      const document = documentOf(plain);
      const { gateway } = await createStage(undefined, { fetch: way.fetch, document });
      const sandbox = plain.sandbox(vendor);
      const resource = {
        name: vendor === 'iam' ? `eu-de_p${number}` : `p${number}`,
        ...(vendor === 'naver' ? { enabled: false } : {}),
      };
      sandbox.seed(id, resource);
      sandbox.seed(neighbor, { ...resource, name: `${resource.name}b` });
      const answer = await gateway.ask('DELETE', `/profiles/${TARGETS[vendor]}:${id}`);
      const isGoneNow = sandbox.stored(id) === undefined;
      await way.deliverLate();
      const isGone = sandbox.stored(id) === undefined;
      if (sandbox.stored(neighbor) === undefined) return 'the neighbor is gone';
      const outcome = answer.status === 204 ? 'applied' : ownText(answer.body, 'outcome');
      if (outcome === 'applied') {
        counts.applied += 1;
        return isGoneNow ? undefined : 'applied, and it is there';
      }
      if (outcome === 'rejected') {
        counts.rejected += 1;
        return isGone && !way.wasRaced() ? `rejected, and it is gone: ${answer.text}` : undefined;
      }
      if (outcome !== 'unknown') return `no outcome: ${answer.text}`;
      counts.unknown += 1;
      const reason = ownText(answer.body, 'reason') ?? '';
      if (!Object.hasOwn(UNKNOWN_REASONS, reason)) return `no reason: ${answer.text}`;
      return way.wasClear() ? `unknown although clear: ${answer.text}` : undefined;
    },
  };
}

function documentOf({ set }: Stage): JsonObject {
  const origin = 'http://127.0.0.1:8788';
  const targets = Object.fromEntries(
    set.demos.map((demo) => [demo.target, demo.configuration(origin)]),
  );
  const demo = targets['iam-demo'];
  const auth = isObject(demo) ? (own(demo, 'auth') ?? null) : null;
  const iam = { vendor: 'iam', auth };
  const otc = { ...iam, dialect: 'otc', baseUrl: `${origin}/iam`, allowDelete: true };
  const password = { method: 'password', username: 'admin', password: 'sandbox-admin-password' };
  const scope = { userDomain: 'Default', domain: 'Default' };
  const keystone = { ...iam, dialect: 'keystone', baseUrl: `${origin}/keystone` };
  return {
    version: 1,
    targets: {
      ...targets,
      'otc-delete': otc,
      'keystone-demo': { ...keystone, auth: { ...password, ...scope } },
    },
  };
}

type Way = {
  readonly reach: (request: Request) => Promise<Response>;
  /** Deletes the profile as another client would. */
  readonly race: () => void;
  /** Delivers a request once the caller has its answer. */
  readonly later: (deliver: () => Promise<unknown>) => void;
};

function broken(): never {
  throw new TypeError('the connection broke');
}

const status = (code: number, body = ''): Response => new Response(body, { status: code });

/** Sends a DELETE on its way, which one fault lies in. */
async function sendDelete(request: Request, fault: DeleteFault, way: Way): Promise<Response> {
  const { later, race, reach } = way;
  const again = request.clone();
  switch (fault) {
    case 'none':
      return reach(request);
    case 'reset_before':
      return broken();
    case 'reset_after':
      await reach(request);
      return broken();
    case 'late':
      later(() => reach(again));
      return broken();
    case 'status_500_before':
      return status(500);
    case 'status_500_after':
      await reach(request);
      return status(500);
    case 'status_503_before':
      return status(503);
    case 'status_504_after':
      await reach(request);
      return status(504);
    case 'html_200':
      return new Response('<html></html>', { headers: { 'content-type': 'text/html' } });
    case 'accepted_done':
      await reach(request);
      return status(202, '{}');
    case 'accepted_not':
      return status(202, '{}');
    case 'refused_token':
      return status(401);
    case 'delivered_twice':
      await reach(request);
      return reach(again);
    case 'raced':
      race();
      return reach(request);
    case 'raced_then_reset':
      race();
      return broken();
  }
}

/** The way to the vendors of one case. */
function createWay({ sandbox, set }: Stage, { faults, read, vendor }: DeleteCase, id: string) {
  let deletes = 0;
  let raced = false;
  const late: (() => Promise<unknown>)[] = [];
  const way: Way = {
    reach: (request) => Promise.resolve(set.fetch(request)),
    race: () => {
      raced = true;
      sandbox(vendor).outsideRemove?.(id);
    },
    later: (deliver) => late.push(deliver),
  };
  return {
    wasRaced: () => raced,
    /** Only answers that leave nothing open. */
    wasClear: () =>
      read === 'none' && faults[0] === 'none' && vendor !== 'nerm' && deletes === 1 && !raced,
    deliverLate: async () => {
      for (const deliver of late) await deliver();
    },
    fetch: async (request: Request): Promise<Response> => {
      if (request.method === 'DELETE') {
        deletes += 1;
        const fault = faults[Math.min(deletes, faults.length) - 1] ?? 'none';
        return sendDelete(request, fault, way);
      }
      const isReadBack = deletes > 0 && request.method === 'GET';
      if (isReadBack && read === 'reset') return broken();
      if (isReadBack && read === 'status_500') return status(500);
      return way.reach(request);
    },
  };
}
