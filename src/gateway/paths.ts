/**
 * Every path of the HTTP interface and its methods, but for HEAD, which follows GET, and OPTIONS,
 * which each path has. Where nothing is counted there is no `/metrics`.
 */
export const PATHS = {
  '/profiles/:id': ['GET', 'PATCH'],
  '/profiles/:id/explain': ['POST'],
  '/capabilities': ['GET'],
  '/capabilities/:target': ['GET'],
  '/admin/targets': ['GET'],
  '/admin/targets/:target/drain': ['POST'],
  '/admin/targets/:target/undrain': ['POST'],
  '/admin/config': ['GET'],
  '/healthz': ['GET'],
  '/readyz': ['GET'],
  '/metrics': ['GET'],
  '/openapi.json': ['GET'],
} as const;

export type Paths = typeof PATHS;

export type Path = keyof Paths;

/** Of the paths with a parameter. */
const PATTERNS = Object.keys(PATHS)
  .filter(isPath)
  .filter((path) => path.includes(':'))
  .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`) }));

/** The path of the interface that a request came to; undefined for any other. */
export function pathOf(requested: string): Path | undefined {
  if (isPath(requested)) return requested;
  return PATTERNS.find(({ pattern }) => pattern.test(requested))?.path;
}

function isPath(name: string): name is Path {
  return Object.hasOwn(PATHS, name);
}

/** The value of `Allow` for a path with `methods`. */
export function allowOf(methods: readonly string[]): string {
  const all = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...all, 'OPTIONS'].join(', ');
}
