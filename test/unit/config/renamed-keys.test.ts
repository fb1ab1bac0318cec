import { describe, expect, test } from 'vitest';
import { RENAMED_KEYS, RENAMED_VALUES } from '../../../src/config/renamed-keys.ts';
import { documentWith, hr, nerm, problemsOf } from './read.ts';

/** Settings that are accepted at each renamed key under its new name. */
const ACCEPTED: Readonly<Record<string, unknown>> = {
  'targets.*.mode': 'drained',
  'targets.*.idNamespace': 'shared',
  'targets.*.allowInsecureHttp': true,
  'targets.*.limits.maxConcurrentRequests': 1,
  'targets.*.limits.maxQueuedRequests': 1,
  'targets.*.limits.circuitBreaker': { windowMs: 1_000 },
  'targets.*.limits.circuitBreaker.failureRatio': 1,
  'targets.*.limits.circuitBreaker.minimumRequests': 1,
  'routes.*.match': { id: 'a-*' },
  'routes.*.handling': 'strict',
  'callers.*.jwt.allowInsecureHttp': true,
};

const jwt = { jwksUrl: 'https://keys.example.com/', issuer: 'issuer', audience: 'gateway' };

/** A document without problems but those of `value` at `path`, where `*` is the only entry. */
function documentAt(path: string, value: unknown): object {
  const [part = '', , ...keys] = path.split('.');
  const settings = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const own = settings as { jwt?: object };
  if (part === 'targets') return documentWith({ targets: { acme: { ...nerm, ...own } } });
  if (part === 'routes') return documentWith({ routes: [{ to: 'acme', ...own }] });
  const { scopes } = hr;
  return documentWith({ callers: { acme: { scopes, jwt: { ...jwt, ...own.jwt } } } });
}

function placeOf(path: string): string {
  return path.replace('*', path.startsWith('routes') ? '0' : 'acme');
}

function newPath({ path, to }: (typeof RENAMED_KEYS)[number]): string {
  return path.replace(/[^.]+$/, to);
}

describe('an old name is refused with the new one', () => {
  test.each(RENAMED_KEYS)('$path', async (row) => {
    const accepted = ACCEPTED[newPath(row)];
    expect(accepted).toBeDefined();
    expect(await problemsOf(documentAt(newPath(row), accepted))).toEqual([]);
    expect(await problemsOf(documentAt(row.path, accepted))).toEqual([
      `${placeOf(row.path)}: was renamed to ${row.to}`,
    ]);
  });

  test.each(RENAMED_VALUES)('$path: $from', async ({ from, path, to }) => {
    expect(await problemsOf(documentAt(path, to))).toEqual([]);
    expect(await problemsOf(documentAt(path, from))).toEqual([
      `${placeOf(path)}: the value "${from}" was renamed to "${to}"`,
    ]);
  });
});

test('every old name of a document is told at once, with its other problems', async () => {
  const problems = await problemsOf({
    version: 1,
    targets: {
      a: { ...nerm, state: 'open', idSpace: 'shared' },
      b: { ...nerm, mode: 'read-only', idSpace: 'shared', limits: { queue: -1 } },
      c: { ...nerm, limits: { breaker: { failureShare: 0.5, requestsMin: 1, open: 1 } } },
      d: { ...nerm, baseUrl: 'http://acme.example.com/api', allowHttp: true },
    },
    routes: [
      { when: { id: 'a{upstreamId}' }, to: 'a', fallback: ['b'], require: 'capable' },
      { to: 'b', require: 'all' },
    ],
  });
  expect(problems).toEqual([
    'targets.a.state: was renamed to mode',
    'targets.a.state: the value "open" was renamed to "active"',
    'targets.a.idSpace: was renamed to idNamespace',
    'targets.b.mode: the value "read-only" was renamed to "read_only"',
    'targets.b.idSpace: was renamed to idNamespace',
    'targets.b.limits.queue: was renamed to maxQueuedRequests',
    'targets.c.limits.breaker: was renamed to circuitBreaker',
    'targets.c.limits.breaker.failureShare: was renamed to failureRatio',
    'targets.c.limits.breaker.requestsMin: was renamed to minimumRequests',
    'targets.d.allowHttp: was renamed to allowInsecureHttp',
    'routes.0.when: was renamed to match',
    'routes.0.require: was renamed to handling',
    'routes.0.require: the value "capable" was renamed to "strict"',
    'routes.1.require: was renamed to handling',
    'targets.b.limits.maxQueuedRequests: must be at least 0',
    'targets.c.limits.circuitBreaker.open: is not a known key',
    'routes.1.handling: must be strict',
  ]);
});

test('a new name beside the old one keeps its value', async () => {
  const limits = { queue: 1, maxQueuedRequests: -1 };
  expect(await problemsOf(documentAt('targets.*.limits', limits))).toEqual([
    'targets.acme.limits.queue: was renamed to maxQueuedRequests',
    'targets.acme.limits.maxQueuedRequests: must be at least 0',
  ]);
});

test('the same names elsewhere are none of these', async () => {
  const match = { header: { state: 'open', when: 'read-only', queue: 'capable' } };
  expect(await problemsOf(documentWith({ routes: [{ match, to: 'acme' }] }))).toEqual([]);
});
