import { fail, type Result, succeed } from '../../../adapter-kit/index.ts';
import {
  LINKS_PER_TURN,
  PAGE_CHARACTERS_MAX,
  PAGE_ROWS,
  PAGE_ROWS_PER_READ,
} from '../../../limits.ts';
import type { Link, Links } from '../../../routing/links.ts';
import { sleep } from '../../../state/clock.ts';
import type { LinkQuery } from '../../../state/control/control-rows.ts';
import { StateUnavailable } from '../../../state/state-database.ts';
import { wrongCursor, wrongFilter } from '../admin-query.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { StateOperations } from '../state-operations.ts';
import type { LinkFilters } from './link-query.ts';
import { fileLinkView, type LinkView, storedLinkView } from './link-view.ts';

export type LinkPage = { readonly links: readonly LinkView[]; readonly next?: string };

/** Place where a page begins: first the links of the state by their ids, then the file's. */
type PageStart = { readonly after: string } | { readonly slot: number };

/** Reads one page of links. The file's are those of this replica, and end with a change of it. */
export async function readLinkPage(
  state: Pick<StateOperations, 'links'>,
  links: Links | undefined,
  { after, limit = PAGE_ROWS, target, upstreamId }: LinkFilters,
): Promise<Result<LinkPage>> {
  if ((target === undefined) !== (upstreamId === undefined)) {
    return fail(wrongFilter('target and upstreamId go together.'));
  }
  const at = target === undefined || upstreamId === undefined ? undefined : { target, upstreamId };
  const file = links?.changes?.below;
  const start = after === undefined ? { after: '' } : startOf(after, file);
  if (start === undefined) return fail(wrongCursor());
  const page = createPage(limit);
  const next =
    'after' in start
      ? ((await addStored(page, state, start.after, at)) ?? (await addOfFile(page, links, 0, at)))
      : await addOfFile(page, links, start.slot, at);
  const more = next === undefined ? {} : { next: cursorOf(next, file) };
  return succeed({ links: page.links(), ...more });
}

type OpenPage = ReturnType<typeof createPage>;

function createPage(max: number) {
  const links: LinkView[] = [];
  let characters = 0;
  return {
    links: () => links,
    left: () => (characters >= PAGE_CHARACTERS_MAX ? 0 : max - links.length),
    add: (link: LinkView): void => {
      links.push(link);
      for (const [name, id] of Object.entries(link.targets)) characters += name.length + id.length;
    },
  };
}

/** Adds links of the state; returns the place of the next one, where there is no room for it. */
async function addStored(
  page: OpenPage,
  state: Pick<StateOperations, 'links'>,
  start: string,
  at: LinkQuery['at'],
): Promise<PageStart | undefined> {
  let after = start;
  for (;;) {
    const wanted = Math.min(page.left(), PAGE_ROWS_PER_READ);
    // One more than wanted shows that there are more.
    const rows = await state.links({ after, max: wanted + 1, at });
    for (const row of rows.slice(0, wanted)) {
      const view = storedLinkView(row);
      if (view !== undefined) page.add(view);
      after = row.id;
    }
    if (rows.length <= wanted) return undefined;
    if (page.left() === 0) return { after };
  }
}

/** Adds links of the file above which the API has set nothing; returns the place of the next. */
async function addOfFile(
  page: OpenPage,
  links: Links | undefined,
  start: number,
  at: LinkQuery['at'],
): Promise<PageStart | undefined> {
  const { changes } = links ?? {};
  const list = changes?.below?.list;
  if (changes === undefined || list === undefined) return undefined;
  if (changes.version() === undefined) throw new StateUnavailable('links were not read yet');
  for (let place: number | undefined = start; place !== undefined; ) {
    const listed = list(place, LINKS_PER_TURN);
    for (const { id, link, place: slot } of listed.links) {
      if (changes.has(id) || !leadsTo(link, at)) continue;
      if (page.left() === 0) return { slot };
      page.add(fileLinkView(id, link));
    }
    place = listed.next;
    await sleep(0);
  }
  return undefined;
}

function leadsTo(link: Link, at: LinkQuery['at']): boolean {
  return at === undefined || link.get(at.target) === at.upstreamId;
}

/** Places in the file are those of one version of it. */
function cursorOf(place: PageStart, file: Links | undefined): string {
  const text = 'after' in place ? `api ${place.after}` : `file ${place.slot} ${file?.digest}`;
  return encodeCursor('links', text);
}

function startOf(cursor: string, file: Links | undefined): PageStart | undefined {
  const text = decodeCursor('links', cursor) ?? '';
  if (text.startsWith('api ')) return { after: text.slice('api '.length) };
  const [, slot, digest] = /^file (\d{1,10}) (.*)$/.exec(text) ?? [];
  return slot === undefined || digest !== String(file?.digest) ? undefined : { slot: Number(slot) };
}
