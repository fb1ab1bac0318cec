import type { StatementSync } from 'node:sqlite';
import { FORMER_KEY_HELD_MS } from '../../../limits.ts';
import type {
  AnnounceItem,
  AnnounceResult,
  BeginItem,
  BeginRow,
  EndItem,
  IdempotencyKey,
  StateDatabase,
  StoredAnswer,
} from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { createFences, LEASE_HELD } from './fences.ts';
import { createLinkCheck, createUnlink } from './links.ts';
import { createReceiptInsert, type InsertReceipt } from './receipts.ts';
import { integerAt, optionalTextAt, textAt } from './rows.ts';

type Leases = Pick<
  StateDatabase,
  'begin' | 'amend' | 'announce' | 'leaveOpen' | 'end' | 'giveBack' | 'replaceAnswer'
>;

/** Creates the statements that begin, amend, end and give back writes. */
export function createLeases(connection: SqliteConnection): Leases {
  const { db, write } = connection;
  const begin = createBegin(connection);
  const end = createEnd(connection);
  const amending = db.prepare(`
    UPDATE lease SET intent = ? WHERE key = ? AND fence = ? AND write_id = ? AND replica <> 0`);
  const announcing = createAnnouncing(connection);
  const leavingOpen = db.prepare(`
    UPDATE lease SET doubt_until = ?
    WHERE key = ? AND fence = ? AND write_id = ? AND replica <> 0`);

  const givingBack = db.prepare(`
    UPDATE lease SET replica = 0, key_hash = NULL, intent = NULL
    WHERE key = ? AND write_id = ? AND replica = ?`);

  // `at` stays: the age of an answer is that of the end of its write.
  const replacing = db.prepare(`
    UPDATE idempotency SET outcome = ?, sealed = ?
    WHERE caller = ? AND id = ? AND key_hash = ? AND write_id = ?
      AND (outcome = 'unknown' OR sealed = '')`);

  return {
    begin: (replica, items) => write((nowMs) => begin(replica, items, nowMs)),
    amend: (items) =>
      write(() =>
        items.map(
          ({ fence, intent, key, writeId }) =>
            amending.run(intent, key, fence, writeId).changes === 1,
        ),
      ),
    announce: (item) =>
      write((nowMs): AnnounceResult => {
        const { fence, intent, key, writeId } = item;
        if (!announcing.isHeld(item)) return 'fenced';
        if (!announcing.takesKey(item, nowMs)) return 'key_used';
        amending.run(intent, key, fence, writeId);
        return 'announced';
      }),
    leaveOpen: ({ fence, key, writeId }, lengthMs) =>
      write((nowMs) => {
        leavingOpen.run(nowMs + Math.ceil(lengthMs), key, fence, writeId);
      }),
    end: (items) => write((nowMs) => items.map((item) => end(item, nowMs))),
    replaceAnswer: ({ caller, id, keyHash, outcome, sealed, writeId }) =>
      write(() => {
        replacing.run(outcome, sealed, caller, id, keyHash, writeId);
      }),
    giveBack: (replica, items) =>
      write(() => {
        for (const { key, writeId } of items) givingBack.run(key, writeId, replica);
      }),
  };
}

/** Takes the key of a write that is about to be sent, unless another write has it. */
function createAnnouncing({ db }: SqliteConnection) {
  const holding = db.prepare(LEASE_HELD);
  const taking = db.prepare(`
    INSERT INTO idempotency (caller, id, key_hash, fingerprint, write_id, outcome, sealed, at)
    VALUES (?, ?, ?, ?, ?, 'unknown', '', ?) ON CONFLICT (caller, id, key_hash) DO NOTHING`);
  const owning = db.prepare(`
    SELECT 1 FROM idempotency WHERE caller = ? AND id = ? AND key_hash = ? AND write_id = ?`);
  return {
    isHeld: ({ fence, key, writeId }: AnnounceItem): boolean =>
      holding.get(key, fence, writeId) !== undefined,
    takesKey: ({ idempotency, writeId }: AnnounceItem, nowMs: number): boolean => {
      const { caller, fingerprint, id, keyHash } = idempotency;
      if (taking.run(caller, id, keyHash, fingerprint, writeId, nowMs).changes === 1) return true;
      return owning.get(caller, id, keyHash, writeId) !== undefined;
    },
  };
}

type Begin = (replica: number, items: readonly BeginItem[], nowMs: number) => BeginRow[];

function createBegin({ db }: SqliteConnection): Begin {
  const fences = createFences(db);
  const checkLinks = createLinkCheck(db);
  const taking = db.prepare(`
    INSERT INTO lease (fence, key, replica, write_id, key_hash, intent, begun_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`);
  const removingSettled = db.prepare(`
    DELETE FROM lease WHERE key = ? AND replica = 0 AND max(doubt_until, raised_until) <= ?`);
  const looking = db.prepare(`
    SELECT replica, key_hash, write_id, max(doubt_until, raised_until) AS until
    FROM lease WHERE key = ?`);
  const answer = createAnswerLookup(
    db.prepare(`
    SELECT fingerprint, write_id, outcome, sealed, at FROM idempotency
    WHERE caller = ? AND id = ? AND key_hash = ?`),
  );

  /** Milliseconds for which the former key of a profile holds it up. */
  const formerMs = (formerKey: string, nowMs: number): number => {
    const row = looking.get(formerKey);
    if (row === undefined) return 0;
    const leftMs = Math.max(0, integerAt(row, 'until') - nowMs);
    return leftMs === 0 && integerAt(row, 'replica') !== 0 ? FORMER_KEY_HELD_MS : leftMs;
  };

  /** Says why a profile cannot be had. */
  const refusal = (key: string, nowMs: number): BeginRow | undefined => {
    const row = looking.get(key);
    if (row === undefined) return undefined;
    const leftMs = integerAt(row, 'until') - nowMs;
    const heldBy = integerAt(row, 'replica') === 0 ? undefined : textAt(row, 'write_id');
    if (leftMs > 0) return { kind: 'in_doubt', leftMs, heldBy };
    if (heldBy === undefined) return undefined;
    return { kind: 'held', keyHash: optionalTextAt(row, 'key_hash'), heldBy };
  };

  const insert = (replica: number, item: BeginItem, fence: number, nowMs: number): boolean => {
    const { idempotency, intent, key, writeId } = item;
    const keyHash = idempotency?.keyHash ?? null;
    return taking.run(fence, key, replica, writeId, keyHash, intent, nowMs).changes === 1;
  };

  const take = (replica: number, item: BeginItem, fence: number, nowMs: number): BeginRow => {
    const { formerKey, key } = item;
    const leftMs = formerKey === undefined ? 0 : formerMs(formerKey, nowMs);
    if (leftMs > 0) {
      const refused = refusal(key, nowMs);
      if (refused?.kind === 'held') return refused;
      if (refused?.kind !== 'in_doubt') return { kind: 'in_doubt', leftMs };
      return { ...refused, leftMs: Math.max(leftMs, refused.leftMs) };
    }
    if (insert(replica, item, fence, nowMs)) return { kind: 'begun', fence };
    if (removingSettled.run(key, nowMs).changes === 1 && insert(replica, item, fence, nowMs)) {
      return { kind: 'begun', fence };
    }
    const refused = refusal(key, nowMs);
    if (refused === undefined) throw new TypeError('a profile was refused that is free');
    return refused;
  };

  return (replica, items, nowMs) => {
    const lastFence = fences.draw(items.length);
    const isStale = checkLinks();
    return items.map((item, i) => {
      const taken = isStale(item.link) ? STALE_ROW : take(replica, item, lastFence - i, nowMs);
      const found = item.idempotency === undefined ? undefined : answer(item.idempotency, nowMs);
      return found === undefined ? taken : { ...taken, answer: found };
    });
  };
}

const STALE_ROW: BeginRow = { kind: 'stale' };

function createAnswerLookup(looking: StatementSync) {
  return ({ caller, id, keyHash }: IdempotencyKey, nowMs: number): StoredAnswer | undefined => {
    const row = looking.get(caller, id, keyHash);
    if (row === undefined) return undefined;
    return {
      fingerprint: textAt(row, 'fingerprint'),
      writeId: textAt(row, 'write_id'),
      outcome: textAt(row, 'outcome'),
      sealed: textAt(row, 'sealed'),
      ageMs: Math.max(0, nowMs - integerAt(row, 'at')),
    };
  };
}

type End = (item: EndItem, nowMs: number) => 'stored' | 'fenced';

function createEnd({ db }: SqliteConnection): End {
  const removing = db.prepare(`
    DELETE FROM lease
    WHERE fence = ? AND key = ? AND write_id = ? AND replica <> 0 AND raised_until <= ?`);
  const keepingInDoubt = db.prepare(`
    UPDATE lease SET
      replica = 0, doubt_until = ?5, key_hash = NULL, intent = iif(?5 > ?4, intent, NULL)
    WHERE fence = ?1 AND key = ?2 AND write_id = ?3 AND replica <> 0`);
  const ended = db.prepare('SELECT 1 FROM receipt WHERE write_id = ? AND fence = ?');
  const insertReceipt: InsertReceipt = createReceiptInsert(db);
  const unlinking = createUnlink(db);
  const answering = db.prepare(`
    INSERT INTO idempotency (caller, id, key_hash, fingerprint, write_id, outcome, sealed, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (caller, id, key_hash) DO UPDATE SET
      fingerprint = excluded.fingerprint, write_id = excluded.write_id,
      outcome = excluded.outcome, sealed = excluded.sealed, at = excluded.at`);
  const freeingKey = db.prepare(`
    DELETE FROM idempotency
    WHERE caller = ? AND id = ? AND key_hash = ? AND write_id = ? AND outcome = 'unknown'
      AND sealed = ''`);

  /** Frees a lease that is held; one whose profile stays in doubt is kept. */
  const free = ({ doubtMs, fence, key, writeId }: EndItem, nowMs: number): boolean => {
    if (doubtMs <= 0 && removing.run(fence, key, writeId, nowMs).changes === 1) return true;
    const untilMs = doubtMs > 0 ? nowMs + Math.ceil(doubtMs) : 0;
    return keepingInDoubt.run(fence, key, writeId, nowMs, untilMs).changes === 1;
  };

  return (item, nowMs) => {
    const { announcedKey, answer, fence, receipt, unlink, writeId } = item;
    if (!free(item, nowMs)) {
      return ended.get(writeId, fence) === undefined ? 'fenced' : 'stored';
    }
    if (receipt !== undefined) insertReceipt(receipt, fence, nowMs);
    if (unlink !== undefined) unlinking(unlink);
    if (answer !== undefined) {
      const { caller, fingerprint, id, keyHash, outcome, sealed } = answer;
      answering.run(caller, id, keyHash, fingerprint, writeId, outcome, sealed, nowMs);
    } else if (announcedKey !== undefined) {
      const { caller, id, keyHash } = announcedKey;
      freeingKey.run(caller, id, keyHash, writeId);
    }
    return 'stored';
  };
}
