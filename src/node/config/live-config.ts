import { hash } from 'node:crypto';
import type { KeySources } from '../../auth/jwks-cache.ts';
import { isLoopbackHost } from '../../config/loopback.ts';
import type { ConfigProblem, Configuration } from '../../config/read-config.ts';
import type { RejectedReload } from '../../config/snapshot.ts';
import { CONFIGURATION_LOOK_MS, RELOAD_PROBLEMS_MAX } from '../../limits.ts';
import { createSingleFlight } from '../../state/single-flight.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import { createLoader, fileMark, type Loaded, UNREAD } from './load-config.ts';

/** A configuration that can be used. */
export type Usable = Extract<Configuration, { ok: true }>;

/** The configuration of this process, which follows its files. */
export type LiveConfiguration = {
  readonly current: () => Usable;
  /** The last reload, where it was refused. */
  readonly refused: () => RejectedReload | undefined;
  /** Reads everything again; resolves when that is done. */
  readonly reload: () => Promise<void>;
  /** Reads everything again, and leaves it to the caller to serve it or not. */
  readonly prepare: () => Promise<Prepared>;
  /** Remembers the addresses that were bound, by which later versions are judged. */
  readonly noteBound: (addresses: readonly string[]) => void;
  /** Follows no longer. */
  readonly close: () => void;
};

/** A configuration that was read and is not served yet. */
export type Prepared = {
  /** Why it cannot be used; none: it can. */
  readonly problems: readonly ConfigProblem[];
  readonly version: string | undefined;
  /** Serves it, or refuses it with these problems, its own or those of another process. */
  readonly settle: (problems: readonly ConfigProblem[]) => void;
};

export type LiveOptions = {
  readonly path: string;
  readonly log: (record: LogRecord) => void;
  readonly lookMs?: number;
  /** Called when files have changed; absent: they are read anew. */
  readonly onChange?: (() => void) | undefined;
  readonly keysAt?: KeySources | undefined;
};

/**
 * Opens the configuration at `path` and follows it. All or nothing: what cannot be used is refused
 * with all its problems, and the version before serves on. Requests keep the version they began
 * with. The problems, where not even the first version can be used.
 */
export async function openConfiguration({
  keysAt,
  log,
  lookMs = CONFIGURATION_LOOK_MS,
  onChange,
  path,
}: LiveOptions): Promise<LiveConfiguration | readonly ConfigProblem[]> {
  const load = createLoader(path, keysAt);
  const first = await load();
  if (!first.configuration.ok) return first.configuration.problems;
  const started = first.configuration;
  const places = placesOf(started);
  warn(started, log);
  let current = started;
  let refused: RejectedReload | undefined;
  let bound = hostsOf(started);
  const watch = createWatch(first.files);

  const serve = (read: Usable): void => {
    current = read;
    refused = undefined;
    warn(read, log);
    if (placesOf(read) !== places) {
      log(warning('listen, admin and state change with the next start only'));
    }
    log({ level: 'info', event: 'reloaded', version: read.gateway.version });
  };
  const refuse = (problems: readonly ConfigProblem[], isRetry: boolean): void => {
    const shown = problems.slice(0, RELOAD_PROBLEMS_MAX);
    if (isRetry && refused !== undefined && isEqual(refused.problems, shown)) return;
    refused = { atMs: Date.now(), problems: shown };
    for (const problem of shown) {
      const message = problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
      const { version } = current.gateway;
      log({ level: 'error', event: 'reload_rejected', version, message });
    }
  };
  const prepare = async (): Promise<Prepared> => {
    const isRetry = watch.isWaiting();
    const loaded = await loadSafely(load, current);
    watch.set(loaded.files, loaded.configuration.ok);
    const { configuration: read } = loaded;
    return {
      problems: read.ok ? exposed(read, bound) : read.problems,
      version: read.ok ? read.gateway.version : undefined,
      settle: (problems) => {
        if (read.ok && problems.length === 0) serve(read);
        else refuse(problems, isRetry);
      },
    };
  };
  const reloads = createSingleFlight<void>();
  /** Whoever asks while a reload runs gets one that begins after it. */
  const reload = async (): Promise<void> => {
    await reloads.current();
    await reloads.run(async () => {
      const { problems, settle } = await prepare();
      settle(problems);
    });
  };
  // A change is read once the files have stayed the same for one look. During a reload `watch`
  // still compares with what was read before.
  const timer = setInterval(() => {
    if (reloads.current() !== undefined || !watch.hasSettledAnew()) return;
    if (onChange === undefined) void reload();
    else onChange();
  }, lookMs);
  timer.unref();
  return {
    current: () => current,
    refused: () => refused,
    reload,
    prepare,
    noteBound: (addresses) => {
      bound = addresses;
    },
    close: () => clearInterval(timer),
  };
}

/** Returns a digest of what a process keeps until its next start: its addresses and its state. */
export function placesOf({ admin, listen: { host, port }, state }: Usable): string {
  return hash('sha256', JSON.stringify([host, port, admin, state]));
}

/** Reports when files have changed since they were read and have stopped changing. */
function createWatch(first: ReadonlyMap<string, string>) {
  let files = first;
  let seen = '';
  return {
    /** A version that was refused may not have come to all of its files. */
    set: (read: ReadonlyMap<string, string>, isWhole: boolean): void => {
      const kept = isWhole ? [] : [...files.keys()].filter((path) => !read.has(path));
      files = new Map([...kept.map((path): [string, string] => [path, fileMark(path)]), ...read]);
      seen = '';
    },
    /** Reports whether a file could not be read, and may be readable at the next look. */
    isWaiting: (): boolean => [...files.values()].includes(UNREAD),
    hasSettledAnew: (): boolean => {
      const marks = [...files.keys()].map((path): [string, string] => [path, fileMark(path)]);
      if (marks.every(([path, mark]) => files.get(path) === mark)) {
        seen = '';
        return false;
      }
      const before = seen;
      seen = JSON.stringify(marks);
      return seen === before;
    },
  };
}

async function loadSafely(
  load: ReturnType<typeof createLoader>,
  { gateway }: Usable,
): Promise<Loaded> {
  try {
    return await load(gateway);
  } catch (error) {
    // Only the kind of a bug is logged: its message may quote anything.
    const message = `cannot be read (${error instanceof Error ? error.name : 'error'})`;
    return { configuration: { ok: false, problems: [{ path: '', message }] }, files: new Map() };
  }
}

/** Without callers everybody may call, so that a listener that others can reach needs them. */
function exposed({ gateway }: Usable, bound: readonly string[]): ConfigProblem[] {
  if (gateway.callers !== undefined || bound.every(isLoopbackHost)) return [];
  const message = 'must stay while the gateway listens on an address that is not loopback';
  return [{ path: 'callers', message }];
}

function hostsOf({ admin, listen }: Usable): readonly string[] {
  return admin === undefined ? [listen.host] : [listen.host, admin.host];
}

function isEqual(a: readonly ConfigProblem[], b: readonly ConfigProblem[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function warn({ warnings }: Usable, log: LiveOptions['log']): void {
  for (const message of warnings) log(warning(message));
}

function warning(message: string): LogRecord {
  return { level: 'warn', event: 'configuration', message };
}
