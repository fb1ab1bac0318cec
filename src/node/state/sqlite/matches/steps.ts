import type { DatabaseSync } from 'node:sqlite';
import type {
  MatchCandidate,
  MatchItem,
  MatchLinks,
  MatchPair,
} from '../../../../state/matches/match-rows.ts';
import type { MatchStore } from '../../../../state/matches/match-store.ts';
import type { SqliteConnection } from '../connection.ts';
import { createLinkChange } from '../links.ts';
import { createReceiptInsert } from '../receipts.ts';
import { integerAt } from '../rows.ts';

type SqliteSteps = Pick<MatchStore, 'storeStep' | 'clearLinks' | 'decide' | 'confirm'>;

/** Creates the statements that store the progress of a run, and decisions about it. */
export function createMatchSteps({ db, write }: SqliteConnection): SqliteSteps {
  const rows = createMatchRows(db);
  const insertReceipt = createReceiptInsert(db);
  const changeLinks = createLinkChange(db);
  const heading = db.prepare('SELECT version FROM link_head');
  const stepping = db.prepare(`
    UPDATE match_run SET progress = ?3, state = ?4, problem = ?5, leased_until = ?6
    WHERE id = ?1 AND fence = ?2 AND state = 'running' AND leased_until > ?7`);
  const clearing = db.prepare(`
    UPDATE match_item SET link_id = NULL, linked_to = NULL
    WHERE run = ?1 AND link_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM match_run WHERE id = ?1 AND fence = ?2 AND state = 'running')
      AND (side, upstream_id) IN (
        SELECT side, upstream_id FROM match_item INDEXED BY match_item_by_link
        WHERE run = ?1 AND link_id IS NOT NULL LIMIT ?3
      )`);
  const deciding = db.prepare(`
    UPDATE match_run SET decisions = decisions + 1, progress = coalesce(?4, progress)
    WHERE id = ?1 AND fence = ?2 AND decisions = ?3 AND state = 'ready'`);

  /** Stores a decision; false, and nothing stored, where the run has changed. */
  const decide: (decision: Parameters<MatchStore['decide']>[0], nowMs: number) => boolean = (
    { candidates, decisions, fence, id, links, progress, refusals, targets },
    nowMs,
  ) => {
    if (deciding.run(id, fence, decisions, progress ?? null).changes === 0) return false;
    rows.refuse(targets, refusals, nowMs);
    rows.mark(id, links);
    rows.putCandidates(id, candidates);
    return true;
  };

  return {
    storeStep: ({ fence, id }, step) =>
      write((nowMs) => {
        const { candidates, items, leaseMs, links, problem, progress, state } = step;
        const untilMs = leaseMs === 0 ? 0 : nowMs + leaseMs;
        const stored = stepping.run(id, fence, progress, state, problem, untilMs, nowMs);
        if (stored.changes === 0) return false;
        rows.putItems(id, items);
        rows.mark(id, links);
        rows.putCandidates(id, candidates);
        return true;
      }),
    clearLinks: ({ fence, id }, max) => write(() => Number(clearing.run(id, fence, max).changes)),
    decide: (decision, receipt) =>
      write((nowMs) => {
        const isStored = decide(decision, nowMs);
        if (isStored && receipt !== undefined) insertReceipt(receipt, null, nowMs);
        return isStored;
      }),
    confirm: (decision, { links, linksVersion, pairs }, receipt) =>
      write((nowMs) => {
        if (integerAt(heading.get(), 'version') !== linksVersion) return undefined;
        if (pairs.some((pair) => rows.isRefused(decision.targets, pair))) return undefined;
        if (!decide(decision, nowMs)) return undefined;
        insertReceipt(receipt, null, nowMs);
        return changeLinks(links);
      }),
  };
}

function createMatchRows(db: DatabaseSync) {
  const puttingItem = db.prepare(`
    INSERT INTO match_item (run, side, upstream_id, key, has_key, new_link_id)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (run, side, upstream_id) DO UPDATE
      SET key = ?4, has_key = ?5, new_link_id = ?6`);
  const puttingCandidate = db.prepare(`
    INSERT INTO match_candidate VALUES (?1, ?2, ?3)
    ON CONFLICT (run, key) DO UPDATE SET situation = ?3`);
  const unmarking = db.prepare(`
    UPDATE match_item INDEXED BY match_item_by_link SET link_id = NULL, linked_to = NULL
    WHERE run = ? AND link_id = ? AND link_id IS NOT NULL`);
  // Where several links lead to a profile, one that names its partner stays.
  const marking = db.prepare(`
    UPDATE match_item SET link_id = ?4, linked_to = ?5
    WHERE run = ?1 AND side = ?2 AND upstream_id = ?3 AND linked_to IS NULL`);
  const refusing = db.prepare(`
    INSERT INTO match_refusal VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const looking = db.prepare(`
    SELECT 1 FROM match_refusal
    WHERE first_target = ? AND second_target = ? AND first_id = ? AND second_id = ?`);

  return {
    putItems: (run: string, items: readonly MatchItem[]): void => {
      for (const { hasKey, key, newLinkId, side, upstreamId } of items) {
        puttingItem.run(run, side, upstreamId, key, hasKey ? 1 : 0, newLinkId);
      }
    },
    putCandidates: (run: string, candidates: readonly MatchCandidate[]): void => {
      for (const { key, situation } of candidates) puttingCandidate.run(run, key, situation);
    },
    mark: (run: string, { ends, ids }: MatchLinks): void => {
      for (const id of ids) unmarking.run(run, id);
      for (const { linkId, linkedTo, side, upstreamId } of ends) {
        marking.run(run, side, upstreamId, linkId ?? null, linkedTo ?? null);
      }
    },
    refuse: ([first, second]: MatchPair, pairs: readonly MatchPair[], nowMs: number): void => {
      for (const [one, other] of pairs) {
        refusing.run(first, second, one, other, nowMs);
        refusing.run(second, first, other, one, nowMs);
      }
    },
    isRefused: ([first, second]: MatchPair, [one, other]: MatchPair): boolean =>
      looking.get(first, second, one, other) !== undefined,
  };
}
