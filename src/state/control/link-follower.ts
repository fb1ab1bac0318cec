import { LINK_VERSIONS_PER_TIMELINE, LINKS_PER_READ } from '../../limits.ts';
import { sleep } from '../clock.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { StateDatabase } from '../state-database.ts';
import type { LinkPlace, LinkRow } from './control-rows.ts';

/** The place in memory of the links that the API has changed. */
export type LinkSink = {
  /** Replaces what is known of the ids of these links. */
  readonly put: (rows: readonly LinkRow[]) => void;
  /** Forgets all of them. */
  readonly clear: () => void;
  /** Called once every change up to that version is there. */
  readonly reached: (version: number) => void;
};

/** Follows the links in the state. */
export type LinkFollower = {
  /** Version that the sink has reached; undefined until all links were read once. */
  readonly version: () => number | undefined;
  /**
   * Reads what was changed, beginning after the call. Rejects with `StateUnavailable`; the next
   * call goes on from there.
   */
  readonly follow: () => Promise<void>;
};

/** Creates a follower that reads the links a page at a time, each in a turn of its own. */
export function createLinkFollower(
  database: Pick<StateDatabase, 'linkChanges'>,
  sink: LinkSink,
): LinkFollower {
  const flights = createSingleFlight<void>();
  let place: LinkPlace = FIRST;
  let reached: number | undefined;
  let generation: number | undefined;

  const readOn = async (): Promise<void> => {
    for (;;) {
      const { rows, version } = await database.linkChanges(place, LINKS_PER_READ);
      const before = generation;
      generation = Math.floor(version / LINK_VERSIONS_PER_TIMELINE);
      if (version < place.version || (before !== undefined && before !== generation)) {
        // Another database, or one that has lost changes: what it does not know is not so.
        sink.clear();
        place = FIRST;
        reached = undefined;
        continue;
      }
      sink.put(rows);
      place = rows.at(-1) ?? place;
      if (rows.length < LINKS_PER_READ) {
        reached = version;
        sink.reached(version);
        return;
      }
      await sleep(0);
    }
  };

  return {
    version: () => reached,
    follow: async () => {
      // What is under way may have read before the change that somebody wants to see.
      await flights.current()?.catch(() => {});
      await flights.run(readOn);
    },
  };
}

const FIRST: LinkPlace = { version: 0, id: '' };
