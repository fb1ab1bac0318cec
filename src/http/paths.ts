import { PatternRouter } from 'hono/router/pattern-router';
import { lazily } from '../adapter-kit/index.ts';

/**
 * Every path of the HTTP interface with its methods, except HEAD, which follows GET, and OPTIONS,
 * which each path has. Without a meter there is no `/metrics`.
 */
export const PATHS = {
  '/profiles': ['GET', 'POST'],
  '/profiles/explain': ['POST'],
  '/profiles/:id': ['GET', 'PATCH', 'DELETE'],
  '/profiles/:id/explain': ['POST'],
  '/capabilities': ['GET'],
  '/capabilities/:target': ['GET'],
  '/admin/targets': ['GET'],
  '/admin/targets/:target': ['GET'],
  '/admin/targets/:target/drain': ['POST'],
  '/admin/targets/:target/undrain': ['POST'],
  '/admin/routes': ['GET'],
  '/admin/stats': ['GET'],
  '/admin/caller': ['GET'],
  '/admin/config': ['GET'],
  '/admin/replicas': ['GET'],
  '/admin/receipts': ['GET'],
  '/admin/receipts/:writeId': ['GET'],
  '/admin/in-doubt': ['GET'],
  '/admin/in-doubt/:id': ['DELETE'],
  '/admin/links': ['GET', 'POST'],
  '/admin/links/:id': ['GET', 'PUT', 'DELETE'],
  '/admin/matches': ['GET', 'POST'],
  '/admin/matches/:id': ['GET'],
  '/admin/matches/:id/confirm': ['POST'],
  '/admin/matches/:id/refuse': ['POST'],
  '/admin/matches/:id/resume': ['POST'],
  '/admin/matches/:id/stop': ['POST'],
  '/healthz': ['GET'],
  '/readyz': ['GET'],
  '/metrics': ['GET'],
  '/openapi.json': ['GET'],
  '/problems/:code': ['GET'],
} as const;

/** The paths of callers, as opposed to those of operators and to those about the gateway. */
export const CALLER_PATHS = /^\/(?:profiles|capabilities)(?:\/|$)/;

export type Paths = typeof PATHS;

export type Path = keyof Paths;

const known = lazily(() => {
  const router = new PatternRouter<Path>();
  for (const path of Object.keys(PATHS).filter(isPath)) router.add('ALL', path, path);
  return router;
});

/** Returns the path of the interface that a request was sent to; undefined for any other. */
export function pathOf(requested: string): Path | undefined {
  if (requested.endsWith('/')) return undefined;
  const [[found] = []] = known().match('ALL', requested);
  return found?.[0];
}

function isPath(name: string): name is Path {
  return Object.hasOwn(PATHS, name);
}

/** Returns the value of `Allow` for a path with `methods`. */
export function allowOf(methods: readonly string[]): string {
  const all = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...all, 'OPTIONS'].join(', ');
}
