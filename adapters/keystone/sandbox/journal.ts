import { type JsonObject, stableText } from '../../../src/adapter-kit/json.ts';
import { JOURNAL_ENTRIES_MAX, type SandboxChange } from '../../sandbox-kit/sandbox.ts';

export type Journal = {
  /** Remembers a change that made a difference; the oldest is forgotten beyond the bound. */
  readonly note: (
    id: string,
    by: SandboxChange['by'],
    before: JsonObject,
    after: JsonObject,
  ) => void;
  readonly entries: () => readonly SandboxChange[];
};

export function createJournal(now: () => number): Journal {
  const entries: SandboxChange[] = [];
  let sequence = 0;
  return {
    note: (id, by, before, after) => {
      if (stableText(before) === stableText(after)) return;
      sequence += 1;
      entries.push({ sequence, atMs: now(), id, by, before, after });
      if (entries.length > JOURNAL_ENTRIES_MAX) entries.shift();
    },
    entries: () => [...entries],
  };
}
