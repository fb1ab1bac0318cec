import cluster from 'node:cluster';
import * as z from 'zod/mini';
import { lazily } from '../../adapter-kit/index.ts';
import { createKeySources, type KeySources } from '../../auth/jwks-cache.ts';
import { adminAnswers } from '../../http/openapi/admin-schemas.ts';
import type { TargetView } from '../../http/routes/admin-view.ts';
import { failuresSchema, processStatsSchema } from '../../http/routes/overview/schemas.ts';
import type { ProcessStats } from '../../http/routes/overview/stats.ts';
import type { FailureView } from '../../http/routes/overview/target-detail.ts';
import { WORKER_RELOAD_MS } from '../../limits.ts';
import { systemClock } from '../../state/clock.ts';
import type { LiveConfiguration } from '../config/live-config.ts';
import { openChannel } from './channel.ts';
import { mergeFailures, mergeViews } from './merge-views.ts';
import { keysSchema, stopSchema } from './messages.ts';
import { answerReloads } from './worker-reloads.ts';

/** The primary as one of its workers sees it. */
export type WorkerLink = {
  /** Calls `stop` once the primary wants this worker to stop, or has ended. */
  readonly onStop: (stop: (isAtOnce: boolean) => void) => void;
  /** Reports a change of the configuration's files, which all workers then read. */
  readonly reportChange: () => void;
  /** The keys of issuers, which workers share. */
  readonly keysAt: KeySources;
  /** Resolves with whether this worker may serve there; see `placesOf`. */
  readonly mayServe: (places: string) => Promise<boolean>;
  /** Says that this worker serves, and answers the primary's questions from now on. */
  readonly begin: (answers: WorkerAnswers) => void;
  /** Resolves with the metrics of all workers; rejects where the primary does not answer. */
  readonly exposition: () => Promise<string>;
  /** Resolves with the targets as all workers see them; where none answers, as this one does. */
  readonly viewsOfAll: (own: readonly TargetView[]) => Promise<readonly TargetView[]>;
  /** Resolves with the last failures of a target as all workers have seen them. */
  readonly failuresOfAll: (
    target: string,
    own: readonly FailureView[],
  ) => Promise<readonly FailureView[]>;
  /** Resolves with what all workers have counted; where none answers, with `own`. */
  readonly statsOfAll: (own: ProcessStats) => Promise<readonly ProcessStats[]>;
  /** Resolves with the key of the sessions of the console, the same at all workers. */
  readonly sessionKey: () => Promise<string>;
};

export type WorkerAnswers = {
  readonly live: Pick<LiveConfiguration, 'current' | 'prepare'>;
  /** Resolves with the metrics of this worker. */
  readonly series: () => Promise<unknown>;
  readonly targets: () => readonly TargetView[];
  readonly failures: (target: string) => readonly FailureView[];
  readonly stats: () => ProcessStats;
};

const agedKeysSchema = z.extend(keysSchema, { ageMs: z.number() });
const viewsSchema = lazily(() => z.array(adminAnswers().target));
const answersSchema = z._default(z.array(z.unknown()), []);

/** Links a worker with its primary; undefined: this process is no worker. */
export function joinPrimary(): WorkerLink | undefined {
  const { worker } = cluster;
  if (worker === undefined) return undefined;
  const handlers = new Map<string, (body: unknown) => unknown>();
  const channel = openChannel((message) => {
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  }, handlers);
  const { ask, post } = channel;
  process.on('message', channel.take);
  // A signal to all processes comes to the primary too, which alone knows what it asks for.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});

  let stop = (_isAtOnce: boolean): void => process.exit(0);
  handlers.set('stop', (body) => stop(stopSchema.parse(body).isAtOnce));
  worker.once('disconnect', () => {
    // Else Node ends this process at once, with all that is under way.
    worker.exitedAfterDisconnect = true;
    stop(true);
  });

  const keysAt = createKeySources((url, text) => post('keys', { url, text }));
  handlers.set('keys', (body) => {
    const { ageMs, text, url } = agedKeysSchema.parse(body);
    keysAt(url).offer(text, systemClock.monotonicMs() - ageMs);
  });

  handlers.set('ping', () => true);
  /** Asks all workers by way of the primary; answers that are none are left out. */
  const askAll = async <T>(kind: string, body: unknown, schema: z.ZodMiniType<T>): Promise<T[]> => {
    const answers = answersSchema.parse(await ask(kind, body, PATIENCE_MS));
    return answers.flatMap((answer) => {
      const read = schema.safeParse(answer);
      return read.success ? [read.data] : [];
    });
  };
  // What the primary has sent before is lost: Node itself has taken it.
  post('joined');
  return {
    onStop: (wanted) => {
      stop = wanted;
    },
    reportChange: () => post('changed'),
    keysAt,
    mayServe: async (places) => (await ask('places', places, WORKER_RELOAD_MS)) === true,
    begin: ({ failures, live, series, stats, targets }) => {
      for (const [kind, answer] of answerReloads(live)) handlers.set(kind, answer);
      handlers.set('series', series);
      handlers.set('targets', targets);
      handlers.set('failures', (body) => failures(z.string().parse(body)));
      handlers.set('stats', stats);
      post('serving', { version: live.current().gateway.version });
    },
    exposition: async () => z.string().parse(await ask('exposition', undefined, PATIENCE_MS)),
    viewsOfAll: async (own) => mergeViews(own, await askAll('targets', undefined, viewsSchema())),
    failuresOfAll: async (target, own) => {
      const answers = await askAll('failures', target, failuresSchema());
      return mergeFailures(answers.length === 0 ? [own] : answers);
    },
    statsOfAll: async (own) => {
      const answers = await askAll('stats', undefined, processStatsSchema());
      return answers.length === 0 ? [own] : answers;
    },
    sessionKey: async () => z.string().parse(await ask('session_key', undefined, PATIENCE_MS)),
  };
}

/** Longer than the primary waits for the other workers. */
const PATIENCE_MS = 5_000;
