import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { SqliteConnection } from '../../src/node/state/sqlite/connection.ts';
import { createMatches } from '../../src/node/state/sqlite/matches/matches.ts';
import { migrate } from '../../src/node/state/sqlite/schema.ts';

/** The statements about match runs that read or change more than one row, with their plans. */
function plansOf(): Map<string, string[]> {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const texts: string[] = [];
  const prepare = (text: string) => {
    texts.push(text);
    return db.prepare(text);
  };
  createMatches({
    db: { prepare } as unknown as DatabaseSync,
    read: () => {
      throw new Error('nothing is read');
    },
    write: () => {
      throw new Error('nothing is written');
    },
  } as unknown as SqliteConnection);
  const plans = texts
    .filter((text) => /match_(?:candidate|item)/.test(text) && !/^\s*INSERT/.test(text))
    .map((text): [string, string[]] => {
      const steps = db.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
      return [text.trim(), steps.map(({ detail }) => String(detail))];
    });
  db.close();
  return new Map(plans);
}

test('each statement about candidates and profiles of a match run searches an index by it', () => {
  const plans = plansOf();
  expect(plans.size).toBeGreaterThan(10);
  for (const [text, steps] of plans) {
    const reads = steps.filter((step) => /match_(?:candidate|item)|\b(?:one|other)\b/.test(step));
    expect([text, reads.length]).not.toEqual([text, 0]);
    for (const step of reads) expect([text, step]).toEqual([text, expect.stringMatching(BY_RUN)]);
  }
});

/** A walk in the order of an index, which begins with the run. */
const BY_RUN = /^SEARCH \w+ USING (?:COVERING INDEX \w+|INDEX \w+|PRIMARY KEY) \(run=\?/;

test('a page of candidates is read in the order of an index, without a sort', () => {
  const pages = [...plansOf()].filter(([text]) => /FROM match_candidate.*LIMIT \?$/s.test(text));
  const steps = pages.map(([, plan]) => plan);
  expect(steps).toEqual([
    [expect.stringContaining('USING PRIMARY KEY (run=? AND key>?)')],
    [expect.stringMatching(/match_candidate_by_situation \(run=\? AND situation=\? AND key>\?/)],
  ]);
});
