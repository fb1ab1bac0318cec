import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { StateSettings } from '../../config/read-config.ts';
import { RELEASED_LEASE_MS } from '../../limits.ts';
import { createLinkOverlay, type LinkOverlay } from '../../routing/link-overlay.ts';
import { systemClock } from '../../state/clock.ts';
import { createSharedState, type SharedState, type StateEvent } from '../../state/shared-state.ts';
import type { StateDatabase } from '../../state/state-database.ts';
import type { LogRecord } from '../../telemetry/log.ts';
import type { StateMeter } from '../../telemetry/metrics.ts';
import { codeOf } from '../error-place.ts';
import { meteredDatabase } from '../telemetry/metered-database.ts';
import { VERSION } from '../version.ts';
import { readOrMakeHashKey } from './hash-key-file.ts';

/** A shared state, and what only its operators ask of it. */
export type OpenState = {
  readonly shared: SharedState;
  readonly database: StateDatabase;
  readonly hashKey: string;
  /** The links that the API has changed. */
  readonly links: LinkOverlay;
  /** Name of this process among the replicas. */
  readonly name: string;
};

export type StateOpened =
  | { readonly ok: true; readonly state: OpenState }
  | { readonly ok: false; readonly problem: string };

const DAY_MS = 86_400_000;
/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;

/** Opens the state of the configuration in `folder`; the problem is a sentence without secrets. */
export async function openState(
  settings: StateSettings,
  folder: string,
  log: (record: LogRecord) => void,
  meter: StateMeter,
): Promise<StateOpened> {
  const { keyHours, receiptDays, sessionMs } = settings;
  const name = `${hostname()}/${process.pid}`;
  try {
    const hashKey = settings.hashKey ?? readOrMakeHashKey(resolve(folder, settings.file ?? ''));
    const database = await openDatabase(settings, folder);
    const links = createLinkOverlay();
    const shared = createSharedState({
      database: meteredDatabase(database, meter, systemClock.monotonicMs),
      clock: systemClock,
      random: Math.random,
      atTurnEnd: (step) => void setImmediate(step),
      hashKey,
      name,
      version: VERSION,
      sessionMs,
      links,
      retention: {
        receiptMs: receiptDays * DAY_MS,
        answerMs: keyHours * HOUR_MS,
        idleMs: RELEASED_LEASE_MS,
      },
      onEvent: (event) => {
        log(recordOf(event));
        countEvent(meter, event);
      },
    });
    return { ok: true, state: { shared, database, hashKey, links, name } };
  } catch (error) {
    return { ok: false, problem: openingProblem(error) };
  }
}

/** Says why a state cannot be opened: in our own words, or by the code of another's error. */
export function openingProblem(error: unknown): string {
  const isOwn = error instanceof Error && !('code' in error);
  return isOwn ? error.message : `cannot be opened (${codeOf(error)})`;
}

/**
 * Opens the database of a state, whose modules are loaded only then; rejects with an error that has
 * the reason.
 */
export async function openDatabase(
  settings: StateSettings,
  folder: string,
): Promise<StateDatabase> {
  const { caFile, file, schema, sessionMs, timeoutMs, url } = settings;
  if (url === undefined) {
    const durability = settings.durability ?? 'process';
    const { openSqliteDatabase } = await import('./sqlite/database.ts');
    return openSqliteDatabase({ path: resolve(folder, file ?? ''), durability, timeoutMs });
  }
  const durability = settings.durability ?? 'power';
  const ca = caFile === undefined ? {} : { ca: readFileSync(resolve(folder, caFile), 'utf8') };
  const { openPostgresDatabase } = await import('./postgres/database.ts');
  return openPostgresDatabase({ url, timeoutMs, durability, schema, sessionMs, ...ca });
}

function countEvent(meter: StateMeter, event: StateEvent): void {
  if (event.kind === 'recovered') meter.recovered(event.outcome);
  if (event.kind === 'fenced' || event.kind === 'sent_late') {
    meter.fenced(event.kind === 'sent_late');
  }
}

/** Returns the log line of an event. */
function recordOf(event: StateEvent): LogRecord {
  switch (event.kind) {
    case 'reachable':
      return { level: 'info', event: 'state', message: 'reachable' };
    case 'unreachable': {
      const message = 'unreachable: writes are rejected';
      const reason = event.reason === undefined ? {} : { reason: event.reason };
      return { level: 'error', event: 'state', message, ...reason };
    }
    case 'held_back':
      return event.reason === undefined
        ? { level: 'info', event: 'state', message: 'writes begin again' }
        : { level: 'error', event: 'state', message: 'no write begins', reason: event.reason };
    case 'fenced':
    case 'sent_late':
      return { level: 'error', event: event.kind, writeId: event.writeId };
    case 'replica_closed':
      return { level: 'warn', event: event.kind, message: event.replica.name };
    case 'recovered':
      return { level: 'warn', event: event.kind, outcome: event.outcome };
    case 'recovery_failed':
      return {
        level: 'error',
        event: event.kind,
        reason: event.error instanceof Error ? event.error.name : 'error',
      };
  }
}
