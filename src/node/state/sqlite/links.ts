import type { DatabaseSync } from 'node:sqlite';
import type {
  FollowedLink,
  LinkRow,
  UnlinkedProfile,
} from '../../../state/control/control-rows.ts';
import { parseLinkTargets } from '../../../state/control/link-targets.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { LEASE_HELD } from './fences.ts';
import { createReceiptInsert } from './receipts.ts';
import { integerAt, optionalTextAt, type SqliteRow, textAt } from './rows.ts';

type StoredLinks = Pick<
  StateDatabase,
  'linkChanges' | 'link' | 'links' | 'changeLinks' | 'addLinkTarget'
>;

/** Creates the statements about links that the API has set. */
export function createLinks({ db, read, write }: SqliteConnection): StoredLinks {
  const heading = db.prepare('SELECT version FROM link_head');
  const following = db.prepare(`
    SELECT id, targets, version FROM link WHERE (version, id) > (?, ?)
    ORDER BY version, id LIMIT ?`);
  const looking = db.prepare('SELECT id, targets, version FROM link WHERE id = ?');
  const listing = db.prepare(`
    SELECT id, targets, version FROM link WHERE id > ? AND targets IS NOT NULL
    ORDER BY id LIMIT ?`);
  const reversing = db.prepare(`
    SELECT link.id, targets, version FROM link_target AS at JOIN link ON link.id = at.id
    WHERE at.target = ? AND at.upstream_id = ? AND at.id > ? ORDER BY at.id LIMIT ?`);
  const holding = db.prepare(LEASE_HELD);
  const change = createLinkChange(db);
  const insertReceipt = createReceiptInsert(db);

  return {
    linkChanges: (after, max) =>
      read(() => ({
        version: integerAt(heading.get(), 'version'),
        rows: following.all(after.version, after.id, max).map(linkRowOf),
      })),
    link: (id) =>
      read(() => {
        const row = looking.get(id);
        return row === undefined ? undefined : linkRowOf(row);
      }),
    links: ({ after, at, max }) =>
      read(() => {
        const rows =
          at === undefined
            ? listing.all(after, max)
            : reversing.all(at.target, at.upstreamId, after, max);
        return rows.map(linkRowOf);
      }),
    changeLinks: (links, receipt) =>
      write((nowMs) => {
        const version = change(links);
        insertReceipt(receipt, null, nowMs);
        return version;
      }),
    addLinkTarget: ({ fence, key, writeId }, { below, id, target, upstreamId }, receipt) =>
      write((nowMs) => {
        const row = looking.get(id);
        const targets = row === undefined ? below : (linkRowOf(row).targets ?? {});
        if (Object.hasOwn(targets, target)) {
          return targets[target] === upstreamId ? 'linked' : 'taken';
        }
        if (holding.get(key, fence, writeId) === undefined) return 'fenced';
        change([{ id, targets: { ...targets, [target]: upstreamId } }]);
        insertReceipt(receipt, null, nowMs);
        return 'linked';
      }),
  };
}

/** Takes the targets of a profile that was deleted out of its links. */
export function createUnlink(db: DatabaseSync): (profile: UnlinkedProfile) => void {
  const looking = db.prepare('SELECT id, targets, version FROM link WHERE id = ?');
  const change = createLinkChange(db);
  return ({ links, targets: names, upstreamId }) => {
    const left = links.flatMap(({ below, id }) => {
      const row = looking.get(id);
      const before = Object.entries(row === undefined ? below : (linkRowOf(row).targets ?? {}));
      const kept = before.filter(([name, at]) => at !== upstreamId || !names.includes(name));
      if (kept.length === before.length) return [];
      return [{ id, targets: kept.length === 0 ? undefined : Object.fromEntries(kept) }];
    });
    if (left.length > 0) change(left);
  };
}

/** Returns a function that changes links within a transaction; returns their version. */
export function createLinkChange(
  db: DatabaseSync,
): (links: readonly Omit<LinkRow, 'version'>[]) => number {
  const advancing = db.prepare('UPDATE link_head SET version = version + 1 RETURNING version');
  const storing = db.prepare(`
    INSERT INTO link VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET targets = ?2, version = ?3`);
  const looking = db.prepare('SELECT targets FROM link WHERE id = ?');
  const unlinking = db.prepare(`
    DELETE FROM link_target WHERE target = ? AND upstream_id = ? AND id = ?`);
  const linking = db.prepare('INSERT INTO link_target VALUES (?, ?, ?)');

  return (links) => {
    const version = integerAt(advancing.get(), 'version');
    for (const { id, targets } of links) {
      const before = parseLinkTargets(optionalTextAt(looking.get(id) ?? NO_LINK, 'targets'));
      for (const [target, upstreamId] of Object.entries(before ?? {})) {
        unlinking.run(target, upstreamId, id);
      }
      storing.run(id, targets === undefined ? null : JSON.stringify(targets), version);
      for (const [target, upstreamId] of Object.entries(targets ?? {})) {
        linking.run(target, upstreamId, id);
      }
    }
    return version;
  };
}

const NO_LINK: SqliteRow = { targets: null };

function linkRowOf(row: SqliteRow): LinkRow {
  return {
    id: textAt(row, 'id'),
    targets: parseLinkTargets(optionalTextAt(row, 'targets')),
    version: integerAt(row, 'version'),
  };
}

/** Reports whether the link that a write follows was changed since it was resolved. */
type LinkCheck = (link: FollowedLink | undefined) => boolean;

/**
 * Returns a function that makes the check of one batch: one number is compared, and a link is
 * looked up only where any was changed.
 */
export function createLinkCheck(db: DatabaseSync): () => LinkCheck {
  const heading = db.prepare('SELECT version FROM link_head');
  const looking = db.prepare('SELECT 1 FROM link WHERE id = ? AND version > ?');
  return () => {
    let head: number | undefined;
    return (link) => {
      if (link === undefined) return false;
      head ??= integerAt(heading.get(), 'version');
      return link.version < head && looking.get(link.id, link.version) !== undefined;
    };
  };
}
