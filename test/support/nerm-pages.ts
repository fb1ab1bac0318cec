/** Members of a profile that a NERM of many profiles has at every id. */
const SAME = {
  profile_type_id: '2f1e0d3c-0000-4000-8000-000000000001',
  status: 'Active',
  id_proofing_status: 'pass',
  archived: false,
  created_at: '2026-01-05T08:00:00.000-05:00',
  updated_at: '2026-01-05T08:00:00.000-05:00',
};

const idOf = (number: number): string =>
  `${number.toString(16).padStart(8, '0')}-0000-4000-8000-00000000cafe`;

/**
 * Returns the page that a query asks for at a NERM of so many profiles, none of which is kept
 * anywhere; undefined after the last one.
 */
export function nermPage(query: URLSearchParams, profiles: number): object | undefined {
  const afterId = query.get('after_id') ?? '';
  const from = afterId === '' ? 0 : Number.parseInt(afterId.slice(0, 8), 16) + 1;
  const size = Math.min(Number(query.get('limit')), profiles - from);
  if (size <= 0) return undefined;
  const items = Array.from({ length: size }, (_, i) => ({
    id: idOf(from + i),
    uid: `uid${from + i}`,
    name: `Person ${from + i}`,
    attributes: { cost_centre: '4711', first_name: 'Dana', last_name: `Example ${from + i}` },
    ...SAME,
  }));
  return { profiles: items };
}

/** The body of the 400 after the last page. */
export const NO_PROFILES = { error: 'no profiles found' };
