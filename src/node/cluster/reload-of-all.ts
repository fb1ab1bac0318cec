import type { ConfigProblem } from '../../config/read-config.ts';
import { WORKER_RELOAD_MS } from '../../limits.ts';
import { createSingleFlight } from '../../state/single-flight.ts';
import type { Channel } from './channel.ts';
import { preparedSchema } from './messages.ts';

/** Reloads of the configuration by all workers. */
export type Reloads = {
  /** Reloads; whoever asks while a reload runs gets one that begins after it. */
  readonly run: () => Promise<void>;
  /** Reloads because a worker has seen a change, unless a reload runs: it looks again later. */
  readonly onChange: () => Promise<void>;
  /** Reloads where a worker that has just begun serves another version than the others. */
  readonly compare: (version: string) => void;
};

/** Answers of the workers to one reload, and the problems that refuse it. */
type Round = {
  readonly reload: number;
  readonly asked: readonly Channel[];
  readonly problems: readonly ConfigProblem[];
  readonly version: string | undefined;
};

/**
 * Creates reloads that all workers take or none: each reads the configuration and keeps it aside,
 * and only where all could use the same version is it served. Where one does not answer, all read
 * once more: it may have been slow, or have ended, and no other takes the files for changed again.
 */
export function createReloads(channels: () => readonly Channel[]): Reloads {
  const reloads = createSingleFlight<void>();
  let version: string | undefined;
  let count = 0;

  const prepare = async (): Promise<Round> => {
    count += 1;
    const reload = count;
    const asked = channels();
    const prepared = await Promise.all(
      asked.map(async ({ ask }) => {
        const read = preparedSchema.safeParse(await ask('prepare', { reload }, WORKER_RELOAD_MS));
        return read.success ? read.data : { problems: [SILENT], version: undefined };
      }),
    );
    const [first] = prepared;
    const { problems = [] } = prepared.find((one) => one.problems.length > 0) ?? {};
    const isSame = prepared.every((one) => one.version === first?.version);
    const found = problems.length > 0 || isSame ? problems : [CHANGED];
    return { asked, reload, problems: found, version: first?.version };
  };
  const take = async (): Promise<void> => {
    const first = await prepare();
    const {
      asked,
      problems,
      reload,
      version: read,
    } = first.problems.includes(SILENT) ? await prepare() : first;
    if (problems.length === 0) version = read;
    for (const { post } of asked) post('settle', { reload, problems });
  };
  const run = async (): Promise<void> => {
    await reloads.current();
    await reloads.run(take);
  };
  return {
    run,
    onChange: async () => {
      if (reloads.current() === undefined) await reloads.run(take);
    },
    compare: (begun) => {
      version ??= begun;
      if (begun !== version) void run();
    },
  };
}

const SILENT = { path: '', message: 'a worker did not read it in time' };
const CHANGED = { path: '', message: 'changed while it was read' };
