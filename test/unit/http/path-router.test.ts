import { RegExpRouter } from 'hono/router/reg-exp-router';
import { describe, expect, test } from 'vitest';
import { createPathRouter } from '../../../src/http/path-router.ts';
import { PATHS } from '../../../src/http/paths.ts';

const ours = createPathRouter<string>();
const honos = new RegExpRouter<string>();
for (const [path, methods] of Object.entries(PATHS)) {
  for (const method of methods) {
    ours.add(method, path, `${method} ${path}`);
    honos.add(method, path, `${method} ${path}`);
  }
}

/** Each handler that a router finds, with the values of its parameters. */
function found(router: typeof ours, method: string, path: string) {
  const [handlers, stash] = router.match(method, path);
  return handlers.map(([handler, params]) => {
    const values = Object.entries(params).map(([name, at]) => [name, stash?.[Number(at)]]);
    return [handler, Object.fromEntries(values)];
  });
}

describe('the router of paths', () => {
  test('finds a path with its parameter as it is written', () => {
    expect(found(ours, 'PATCH', '/profiles/a%2Fb:c')).toEqual([
      ['PATCH /profiles/:id', { id: 'a%2Fb:c' }],
    ]);
    expect(found(ours, 'POST', '/admin/targets/naver/drain')).toEqual([
      ['POST /admin/targets/:target/drain', { target: 'naver' }],
    ]);
    expect(found(ours, 'GET', '/healthz')).toEqual([['GET /healthz', {}]]);
  });

  test('finds what the router of hono finds', () => {
    const segments = [
      '',
      'profiles',
      'explain',
      'admin',
      'targets',
      'drain',
      'healthz',
      'x',
      '%41',
    ];
    const roots = segments.map((segment) => `/${segment}`);
    const below = (paths: string[]) => paths.flatMap((path) => roots.map((root) => path + root));
    const paths = [
      ...roots,
      ...below(roots),
      ...below(below(roots)),
      ...below(below(below(roots))),
    ];
    for (const path of paths) {
      for (const method of ['GET', 'PATCH', 'POST', 'DELETE', 'OPTIONS']) {
        expect([method, path, found(ours, method, path)]).toEqual([
          method,
          path,
          found(honos, method, path),
        ]);
      }
    }
  });
});
