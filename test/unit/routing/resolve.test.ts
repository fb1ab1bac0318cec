import { describe, expect, test } from 'vitest';
import { resolve } from '../../../src/routing/resolve.ts';
import { traceRoute } from '../../../src/routing/route-trace.ts';
import { gatewayOf, hr, lead, linksOf, problemsOf, request, warningsOf } from './routes.ts';

const links = linksOf({ 'emp-1': { north: 'n1', south: 's1' }, 'emp-2': { south: 's2' } });

describe('an id that names its target', () => {
  test.each([
    ['north:x', 'north/x'],
    ['north:x:y', 'north/x:y'],
    ['nowhere:x', 'unknown_target'],
    [':x', 'unknown_target'],
    ['__proto__:x', 'unknown_target'],
    ['north:bad', 'invalid_id'],
    ['emp-1:', 'unknown_target'],
  ])('%s leads to %s, whatever the rules are', async (id, expected) => {
    for (const routes of [[], [{ to: 'east' }], [{ match: { id: '*' }, to: 'east' }]]) {
      expect(await lead(await gatewayOf(routes, {}, links), id)).toBe(expected);
    }
  });
});

describe('links', () => {
  test('tell what an id is called at the target of its rule', async () => {
    const gateway = await gatewayOf([{ match: { id: 'emp-*' }, to: 'north' }], {}, links);
    expect(await lead(gateway, 'emp-1')).toBe('north/n1');
    expect(await lead(gateway, 'emp-2')).toBe('link_not_found');
    expect(await lead(gateway, 'emp-3')).toBe('north/emp-3');
    expect(await lead(gateway, 'crm-1')).toBe('route_not_found');
  });

  test('come before a capture, also where they leave the target out', async () => {
    const routes = [{ match: { id: 'emp-{upstreamId}' }, to: 'north' }];
    const gateway = await gatewayOf(routes, {}, links);
    expect(await lead(gateway, 'emp-1')).toBe('north/n1');
    expect(await lead(gateway, 'emp-2')).toBe('link_not_found');
    expect(await lead(gateway, 'emp-3')).toBe('north/3');
    expect(await lead(gateway, 'emp-')).toBe('route_not_found');
    expect(await lead(gateway, 'emp-bad')).toBe('invalid_id');
  });

  test('without one the first rule that matches is the last that is looked at', async () => {
    const routes = [{ match: { id: 'emp-2' }, to: 'north' }, { to: 'south' }];
    expect(await lead(await gatewayOf(routes, {}, links), 'emp-2')).toBe('link_not_found');
  });

  test('that are kept elsewhere make it a promise, all others do not', async () => {
    const elsewhere = { find: async (id: string) => links.find(id) };
    const near = await gatewayOf([{ to: 'north' }], {}, links);
    const far = await gatewayOf([{ to: 'north' }], {}, elsewhere);
    expect(resolve(request({ id: 'emp-1' }), near)).not.toBeInstanceOf(Promise);
    expect(resolve(request({ id: 'emp-1' }), far)).toBeInstanceOf(Promise);
    expect(await lead(far, 'emp-1')).toBe('north/n1');
    expect(await lead(far, 'emp-2')).toBe('link_not_found');
  });
});

describe('a split', () => {
  const across = {
    split: [
      { to: 'north', weight: 1 },
      { to: 'south', weight: 1 },
    ],
  };
  const within = {
    split: [
      { to: 'east', weight: 1 },
      { to: 'west', weight: 1 },
    ],
  };

  test('across id namespaces takes linked ids only', async () => {
    const gateway = await gatewayOf([across], {}, links);
    expect(await lead(gateway, 'emp-9')).toBe('link_not_found');
    expect(['north/n1', 'south/s1']).toContain(await lead(gateway, 'emp-1'));
    expect(['link_not_found', 'south/s2']).toContain(await lead(gateway, 'emp-2'));
  });

  test('within one takes every id, and the same one always to the same target', async () => {
    const gateway = await gatewayOf([within]);
    const ids = Array.from({ length: 200 }, (_, i) => `id-${i}`);
    const first = await Promise.all(ids.map((id) => lead(gateway, id)));
    expect(await Promise.all(ids.map((id) => lead(gateway, id)))).toEqual(first);
    expect(new Set(first.map((place) => place.split('/')[0]))).toEqual(new Set(['east', 'west']));
  });

  test('is refused where an id would mean nothing', async () => {
    expect(await problemsOf([across])).toEqual([
      'routes.0.split: crosses id namespaces, which needs links',
    ]);
    expect(await problemsOf([{ ...across, match: { id: 'a{upstreamId}' } }], {}, links)).toEqual([
      'routes.0.match.id: captures an id for a split that crosses id namespaces, where only links can decide',
    ]);
    expect(await problemsOf([{ split: [{ to: 'east', weight: 0 }] }])).toEqual([
      'routes.0.split: must have a weight above 0',
    ]);
    const twice = [within.split[0], within.split[0]];
    expect(await problemsOf([{ split: twice }])).toEqual(['routes.0.split: names a target twice']);
  });
});

test.each<[title: string, route: object, problems: string[]]>([
  ['neither to nor split', { match: {} }, ['routes.0: must have either to or split']],
  [
    'to and split',
    { to: 'east', split: [{ to: 'west', weight: 1 }] },
    ['routes.0: must have either to or split'],
  ],
  ['an unknown target', { to: 'up' }, ['routes.0.to: names no target']],
  [
    'unknown targets inside',
    { split: [{ to: 'up', weight: -1 }], fallback: ['down'] },
    [
      'routes.0.split.0.to: names no target',
      'routes.0.fallback.0: names no target',
      'routes.0.split.0.weight: must be at least 0',
    ],
  ],
  [
    'a fallback of another id namespace',
    { to: 'east', fallback: ['north'] },
    ['routes.0.fallback.0: is of another id namespace, where the id means another profile'],
  ],
  [
    'a fallback to itself',
    { to: 'east', fallback: ['east', 'west', 'west'] },
    [
      'routes.0.fallback.0: names a target of the rule again',
      'routes.0.fallback.2: names a target of the rule again',
    ],
  ],
  [
    'a pattern for what is no id of a rule',
    { match: { id: 'east:*' }, to: 'east' },
    ['routes.0.match.id: can never match: an id with a ":" names its target itself'],
  ],
  [
    'an unknown capture',
    { match: { id: 'a{id}' }, to: 'east' },
    ['routes.0.match.id: may have braces in {upstreamId} only'],
  ],
  [
    'two captures',
    { match: { id: '{upstreamId}-{upstreamId}' }, to: 'east' },
    ['routes.0.match.id: may have {upstreamId} once only'],
  ],
  [
    'a capture beside a glob',
    { match: { id: '*-{upstreamId}' }, to: 'east' },
    ['routes.0.match.id: may have * or {upstreamId}, not both'],
  ],
  [
    'the same header twice',
    { match: { header: { 'X-A': '1', 'x-a': '2' } }, to: 'east' },
    ['routes.0.match.header: has the same header twice'],
  ],
  [
    'a header that proves who calls',
    { match: { header: { Authorization: 'x' } }, to: 'east' },
    [
      'routes.0.match.header.Authorization: must not be a header that holds a secret: ask for the caller',
    ],
  ],
  ['an empty pattern', { match: { id: '' }, to: 'east' }, ['routes.0.match.id: must not be empty']],
  ['another handling', { to: 'east', handling: 'all' }, ['routes.0.handling: must be strict']],
])('a rule with %s is refused', async (_title, route, problems) => {
  expect(await problemsOf([route])).toEqual(problems);
});

test('rules that can never decide are told', async () => {
  expect(
    await warningsOf([
      { match: { id: 'emp-*', header: { 'x-a': '1' } }, to: 'east' },
      { match: { id: 'emp-1*' }, to: 'east' },
      { match: { id: 'emp-1{upstreamId}', header: { 'X-A': '2' } }, to: 'west' },
      { match: { caller: 'hr' }, to: 'west' },
      { to: 'east' },
      { match: { id: 'x' }, to: 'west' },
    ]),
  ).toEqual([
    'routes.3.match.caller: never holds: there are no callers',
    'routes.2: is never used: routes.1 takes all that it could',
    'routes.5: is never used: routes.4 takes all that it could',
  ]);
});

test('the trace tells each rule in its order, and quotes none of them', async () => {
  const routes = [
    { match: { id: 'hush-*' }, to: 'north' },
    { match: { header: { 'x-a': 'hush' } }, to: 'north' },
    { match: { caller: 'hush*' }, to: 'north' },
    { match: { id: 'emp-*' }, to: 'south' },
    { to: 'east' },
  ];
  const gateway = await gatewayOf(routes, { callers: { hr } }, links);
  const trace = await traceRoute(request({ id: 'emp-2', caller: 'hr' }), gateway);
  expect(trace).toEqual([
    { rule: 'target:upstreamId', matched: false, reason: 'the id has no ":"' },
    { rule: 'routes.0', matched: false, reason: 'match.id does not hold' },
    {
      rule: 'routes.1',
      matched: false,
      reason: 'match.header.x-a does not hold: the request has no such value',
    },
    { rule: 'routes.2', matched: false, reason: 'match.caller does not hold' },
    { rule: 'routes.3', matched: true, reason: 'match.id holds; it goes to south' },
    { rule: 'links', matched: true, reason: 'the id has a link at south' },
  ]);
  expect(JSON.stringify(trace)).not.toContain('hush');
  expect(await traceRoute(request({ id: 'up:1' }), gateway)).toMatchObject([{ matched: false }]);
  const last = (await traceRoute(request({ id: 'x' }), gateway)).slice(-2);
  expect(last.map(({ rule, reason }) => `${rule}: ${reason}`)).toEqual([
    'routes.4: it has no conditions; it goes to east',
    'id: the id has no link: it is the upstream id itself',
  ]);
});

test('the trace of many rules is bounded, and ends in what decided', async () => {
  const routes = Array.from({ length: 1_000 }, (_, i) => ({
    match: { id: `t${i}-*` },
    to: 'east',
  }));
  const gateway = await gatewayOf(routes);
  const trace = await traceRoute(request({ id: 't999-1' }), gateway);
  expect(trace.length).toBe(104);
  expect(trace.slice(-3).map(({ rule, reason }) => `${rule}: ${reason}`)).toEqual([
    'routes: 899 more do not match',
    'routes.999: match.id holds; it goes to east',
    'id: the id has no link: it is the upstream id itself',
  ]);
});
