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
  '/problems/:code': ['GET'],
} as const;

export type Paths = typeof PATHS;

export type Path = keyof Paths;

/** A path as it is compared with those that come. */
export type PathForm = {
  /** Text before the parameter, or the whole path where it has none. */
  readonly before: string;
  readonly parameter: string;
  /** Text after the parameter; undefined where the path has none. */
  readonly after: string | undefined;
};

/** The form of a path of the interface, of which none has more than one parameter. */
export function formOf(path: string): PathForm {
  const [before = '', parameter = '', after] = path.split(/:(\w+)/);
  return { before, parameter, after };
}

/** The value of the parameter as it is written, empty without one; undefined: another path. */
export function valueIn({ after, before }: PathForm, path: string): string | undefined {
  if (after === undefined) return path === before ? '' : undefined;
  if (!path.startsWith(before)) return undefined;
  const end = path.length - after.length;
  const next = path.indexOf('/', before.length);
  const isWhole = next === -1 ? after === '' : next === end && path.endsWith(after);
  return isWhole && end > before.length ? path.slice(before.length, end) : undefined;
}

const FORMS = Object.keys(PATHS)
  .filter(isPath)
  .map((path) => ({ path, form: formOf(path) }));

/** The path of the interface that a request came to; undefined for any other. */
export function pathOf(requested: string): Path | undefined {
  return FORMS.find(({ form }) => valueIn(form, requested) !== undefined)?.path;
}

function isPath(name: string): name is Path {
  return Object.hasOwn(PATHS, name);
}

/** The value of `Allow` for a path with `methods`. */
export function allowOf(methods: readonly string[]): string {
  const all = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...all, 'OPTIONS'].join(', ');
}
