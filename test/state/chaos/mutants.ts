import type { OrphanCloser } from '../../../src/state/replica/orphan-recovery.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import type { Trouble } from './chaos.ts';

/** Faults of the protocol that the suite must find, each with the troubles that show it. */
export const MUTANTS = {
  sends_without_asking: ['freeze'],
  takes_over_without_settling: ['kill'],
  forgets_doubts: [],
  ends_without_fence: ['stop'],
  closes_during_outage: ['stall'],
  begins_in_doubt: [],
} as const satisfies Readonly<Record<string, readonly Trouble[]>>;
export type Mutant = keyof typeof MUTANTS;

/** The database with a fault in front of it. */
export function mutate(
  database: StateDatabase,
  mutant: Mutant | undefined,
  free: (key: string) => Promise<void>,
): StateDatabase {
  switch (mutant) {
    case 'forgets_doubts':
      return {
        ...database,
        end: (items) => database.end(items.map((item) => ({ ...item, doubtMs: 0 }))),
      };
    case 'ends_without_fence':
      return { ...database, end: (items) => endAnyhow(database, items, free) };
    case 'closes_during_outage':
      return closingDuringOutage(database);
    case 'begins_in_doubt':
      return {
        ...database,
        begin: async (replica, items) => {
          for (const { key } of items) await database.liftDoubt(key);
          return database.begin(replica, items);
        },
      };
    default:
      return database;
  }
}

/** Recovery with a fault. */
export function mutateCloser(closer: OrphanCloser, mutant: Mutant | undefined): OrphanCloser {
  if (mutant !== 'takes_over_without_settling') return closer;
  return { ...closer, settleMs: () => 0 };
}

/** Frees the profile of each write that has ended, whoever holds it by then. */
async function endAnyhow(
  database: StateDatabase,
  items: Parameters<StateDatabase['end']>[0],
  free: (key: string) => Promise<void>,
): Promise<'stored'[]> {
  const ends = await database.end(items);
  for (const [i, { key }] of items.entries()) if (ends[i] === 'fenced') await free(key);
  return items.map(() => 'stored');
}

/** Takes beats that failed for confirmed ones, so that all others seem silent. */
function closingDuringOutage(database: StateDatabase): StateDatabase {
  let last: Awaited<ReturnType<StateDatabase['beat']>>;
  return {
    ...database,
    beat: async (replica) => {
      last = await database.beat(replica).catch(() => last);
      return last;
    },
  };
}
