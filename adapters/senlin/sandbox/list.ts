import { type JsonObject, own, ownText } from '../../../src/adapter-kit/json.ts';
import type { Caller, Profiles } from './profiles.ts';
import { badRequest, SenlinFault } from './wire.ts';

const PARAMETERS = ['name', 'type', 'limit', 'marker', 'sort', 'global_project'];
const SORT_KEYS = ['type', 'name', 'created_at', 'updated_at'];

/** `GET /v1/profiles` (senlin/api/openstack/v1/profiles.py index; no links, no default limit). */
export function listProfiles(
  query: URLSearchParams,
  profiles: Profiles,
  caller: Caller,
): readonly JsonObject[] {
  for (const key of query.keys()) {
    if (!PARAMETERS.includes(key)) throw badRequest(`Invalid parameter ${key}`);
  }
  const everywhere = query.get('global_project') ?? '';
  if (everywhere !== '' && !/^(true|false)$/i.test(everywhere)) {
    throw badRequest(`Invalid value '${everywhere}' specified for 'global_project'`);
  }
  if (everywhere.toLowerCase() === 'true' && !caller.isAdmin) {
    throw new SenlinFault(403, 'Forbidden', 'You are not authorized to complete this operation.');
  }
  const limit = limitOf(query.get('limit') ?? '');
  const [names, types] = [query.getAll('name'), query.getAll('type')];
  const sorted = profiles
    .visible(caller)
    .filter((p) => names.length === 0 || names.includes(ownText(p, 'name') ?? ''))
    .filter((p) => types.length === 0 || types.includes(ownText(p, 'type') ?? ''))
    .toSorted(comparison(query.get('sort') ?? ''));
  const start = startOf(query.get('marker') ?? '', sorted);
  return sorted.slice(start, limit === undefined ? undefined : start + limit);
}

function limitOf(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`The value for limit must be an integer: '${text}'.`);
  }
  if (Number(text) < 0) throw badRequest("Value must be >= 0 for field 'limit'.");
  return Number(text);
}

function startOf(marker: string, sorted: readonly JsonObject[]): number {
  if (marker === '') return 0;
  if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(marker)) {
    throw badRequest(`The value for marker is not a valid UUID: '${marker}'.`);
  }
  return sorted.findIndex((profile) => own(profile, 'id') === marker) + 1;
}

function comparison(sort: string): (a: JsonObject, b: JsonObject) => number {
  const rules = (sort === '' ? 'created_at' : sort).split(',').map((part) => {
    const [key = '', direction = 'asc'] = part.split(':');
    if (!SORT_KEYS.includes(key)) throw badRequest(`Unsupported sort key '${key}' for 'sort'.`);
    if (direction !== 'asc' && direction !== 'desc') {
      throw badRequest(`Unsupported sort dir '${direction}' for 'sort'.`);
    }
    return { key, sign: direction === 'asc' ? 1 : -1 };
  });
  return (a, b) => {
    for (const { key, sign } of [...rules, { key: 'id', sign: 1 }]) {
      const [left, right] = [ownText(a, key) ?? '', ownText(b, key) ?? ''];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  };
}
