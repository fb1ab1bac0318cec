import { settingsPath } from '../adapter-kit/index.ts';
import { type ConfigProblem, isMap } from './diagnostics.ts';

type RenamedKey = {
  /** Its place in a document whose other keys have their new names; `*` is any name or index. */
  readonly path: string;
  readonly to: string;
};

/** Keys of earlier configurations, each with the name that replaced it. */
export const RENAMED_KEYS: readonly RenamedKey[] = [
  { path: 'targets.*.state', to: 'mode' },
  { path: 'targets.*.idSpace', to: 'idNamespace' },
  { path: 'targets.*.allowHttp', to: 'allowInsecureHttp' },
  { path: 'targets.*.limits.concurrency', to: 'maxConcurrentRequests' },
  { path: 'targets.*.limits.queue', to: 'maxQueuedRequests' },
  { path: 'targets.*.limits.breaker', to: 'circuitBreaker' },
  { path: 'targets.*.limits.circuitBreaker.failureShare', to: 'failureRatio' },
  { path: 'targets.*.limits.circuitBreaker.requestsMin', to: 'minimumRequests' },
  { path: 'routes.*.when', to: 'match' },
  { path: 'routes.*.require', to: 'handling' },
  { path: 'callers.*.jwt.allowHttp', to: 'allowInsecureHttp' },
];

type RenamedValue = { readonly path: string; readonly from: string; readonly to: string };

/** Values of earlier configurations, below the new names of their keys. */
export const RENAMED_VALUES: readonly RenamedValue[] = [
  { path: 'targets.*.mode', from: 'open', to: 'active' },
  { path: 'targets.*.mode', from: 'read-only', to: 'read_only' },
  { path: 'routes.*.handling', from: 'capable', to: 'strict' },
];

export type Renamed = {
  /** The document with new names for old ones, so that only its other problems follow. */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
};

/** Finds the old names in a document; each is a problem at the path where it is written. */
export function findRenamed(document: unknown): Renamed {
  const problems: ConfigProblem[] = [];
  const report = (written: readonly string[], message: string): void => {
    problems.push({ path: settingsPath(written), message });
  };

  /** `path` leads to `value` by new names, `written` by the names that the document uses. */
  function walk(value: unknown, path: readonly string[], written: readonly string[]): unknown {
    if (path.length >= LEVELS_MAX || typeof value !== 'object') {
      const renamed = VALUE_ROWS.find(
        ({ names, row }) => row.from === value && matchesPath(names, path),
      )?.row;
      if (renamed === undefined) return value;
      report(written, `the value "${renamed.from}" was renamed to "${renamed.to}"`);
      return renamed.to;
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, i) => walk(item, [...path, `${i}`], [...written, `${i}`]));
    }
    if (!isMap(value)) return value;
    const members = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
      const at = [...written, key];
      const here = [...path, key];
      const renamed = KEY_ROWS.find(({ names }) => matchesPath(names, here))?.row;
      if (renamed === undefined) return [[key, walk(member, here, at)]];
      report(at, `was renamed to ${renamed.to}`);
      const replaced = walk(member, [...path, renamed.to], at);
      return Object.hasOwn(value, renamed.to) ? [] : [[renamed.to, replaced]];
    });
    return Object.fromEntries(members);
  }

  return { value: walk(document, [], []), problems };
}

type Row<R> = { readonly row: R; readonly names: readonly string[] };

const KEY_ROWS = RENAMED_KEYS.map(rowOf);
const VALUE_ROWS = RENAMED_VALUES.map(rowOf);
const LEVELS_MAX = Math.max(...KEY_ROWS.map(({ names }) => names.length));

/** Splits the path of a row once, for the many places that it is compared with. */
function rowOf<R extends { readonly path: string }>(row: R): Row<R> {
  return { row, names: row.path.split('.') };
}

function matchesPath(names: readonly string[], path: readonly string[]): boolean {
  return names.length === path.length && names.every((name, i) => name === '*' || name === path[i]);
}
