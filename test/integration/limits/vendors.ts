import type { Json, JsonObject } from '../../../src/adapter-kit/index.ts';
import { createInMemoryGateway, type InMemoryGateway, UPSTREAM } from '../../support/in-memory.ts';

/** What a vendor makes of the first write of a profile; of any further one it makes an answer. */
export type FirstWrite =
  | 'is answered'
  | 'loses its answer'
  | 'is lost'
  | 'is said to change nothing';

export type VendorOptions = {
  /** What every profile has at first. */
  readonly attributes?: Json;
  readonly name?: string;
  readonly firstWrite?: FirstWrite;
  /** The text of every answer that would show a profile, by its id. */
  readonly answer?: (id: string) => string;
  /** The status of every answer to a write. */
  readonly status?: number;
};

export type GatewayBefore = InMemoryGateway & {
  /** The path of a profile that was not asked for yet. */
  readonly freshPath: (target: 'nerm' | 'senlin') => string;
};

const KEYSTONE_TOKEN = '{"token":{"expires_at":"2027-01-01T00:00:00Z"}}';

/** Lost answers are meant here. */
const limits = { circuitBreaker: { failureRatio: 1, minimumRequests: 10_000 } };

const targets: JsonObject = {
  nerm: {
    vendor: 'nerm',
    baseUrl: `${UPSTREAM}/nerm/api`,
    auth: { method: 'token', token: 'a-token-not-real' },
    limits,
  },
  senlin: {
    vendor: 'senlin',
    baseUrl: `${UPSTREAM}/senlin`,
    auth: {
      method: 'password',
      url: `${UPSTREAM}/keystone/v3`,
      username: 'gateway',
      password: 'a-password-not-real',
      userDomain: 'Default',
      project: 'demo',
      projectDomain: 'Default',
    },
    limits,
  },
};

/** A gateway before a NERM and a Senlin that check nothing, so that they take little time. */
export async function gatewayBefore(
  options: VendorOptions = {},
  document: JsonObject = {},
): Promise<GatewayBefore> {
  const fetch = vendor(options);
  const gateway = await createInMemoryGateway({
    document: { version: 1, targets, ...document },
    fetch,
  });
  let count = 0;
  const freshPath = (target: string): string => {
    count += 1;
    return `/profiles/${target}:7fa885cd-fa39-4531-a42d-${String(count).padStart(12, '0')}`;
  };
  return { ...gateway, freshPath };
}

type Stored = { readonly name: string; readonly attributes: Json };

function vendor({
  answer,
  attributes = {},
  firstWrite = 'is answered',
  name = 'Robin',
  status = 200,
}: VendorOptions) {
  const profiles = new Map<string, Stored>();
  return async (request: Request): Promise<Response> => {
    const { method, url } = request;
    if (url.endsWith('/auth/tokens?nocatalog')) {
      const headers = { 'x-subject-token': 'a-token-1' };
      return new Response(KEYSTONE_TOKEN, { status: 201, headers });
    }
    const id = url.slice(url.lastIndexOf('/') + 1);
    const mapName = url.includes('/nerm/') ? 'attributes' : 'metadata';
    const known = profiles.get(id);
    let stored = known ?? { name, attributes };
    const first = method !== 'GET' && known === undefined ? firstWrite : 'is answered';
    if (method !== 'GET') {
      const { profile } = (await request.json()) as { profile: JsonObject };
      if (first !== 'is lost') stored = written(stored, profile, mapName);
      profiles.set(id, stored);
    }
    if (first === 'is said to change nothing') return unchanged(mapName);
    if (first !== 'is answered') throw new Error('lost');
    const { attributes: map, ...rest } = stored;
    const text = answer?.(id) ?? JSON.stringify({ profile: { id, ...rest, [mapName]: map } });
    return new Response(text, { status: method === 'GET' ? 200 : status });
  };
}

/** NERM merges attributes, Senlin gets all of them. */
function written(stored: Stored, patch: JsonObject, mapName: string): Stored {
  const { [mapName]: map, ...rest } = patch;
  if (map === undefined) return { ...stored, ...rest };
  const merged = mapName === 'metadata' ? map : Object.assign({}, stored.attributes, map);
  return { ...stored, ...rest, attributes: merged };
}

function unchanged(mapName: string): Response {
  if (mapName === 'attributes') return new Response('200 - No Change');
  const message = 'No property needs an update.';
  return new Response(JSON.stringify({ error: { message } }), { status: 400 });
}
