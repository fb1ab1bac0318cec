import type { Context } from 'hono';
import { fail, ownFault, type Result, succeed } from '../../../adapter-kit/index.ts';
import type { Ports } from '../../../ports.ts';
import type { Link } from '../../../routing/links.ts';
import type { Handler } from '../../pipeline.ts';
import { addLogFields } from '../../request-telemetry.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { readQuery } from '../admin-query.ts';
import { changeReceipt, noteReceipt, type OperatorChange } from '../operator-change.ts';
import { readOptionalReason } from '../reason.ts';
import { type StateOperations, type StatePart, withState } from '../state-operations.ts';
import { readLinkPage } from './link-page.ts';
import { importQuerySchema, linkQuerySchema } from './link-query.ts';
import { readLinkLines, readWantedLink, type WantedLink } from './link-reader.ts';
import { fileLinkView, type LinksVersionView, storedLinkView, versionView } from './link-view.ts';
import type { LinkRoutes } from './without-links.ts';

/** Returns the routes about links; a runtime that keeps none there has no use for them. */
export function linkRoutes(part: StatePart, ports: Ports): LinkRoutes {
  return {
    list: listLinks(part),
    show: showLink(part),
    set: setLink(part, ports),
    remove: removeLink(part, ports),
    import: importLinks(part, ports),
  };
}

/** `GET /admin/links`, also by what they lead to. */
function listLinks(part: StatePart): Handler {
  return withState(part, async (c, state) => {
    const asked = readQuery(linkQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const page = await readLinkPage(state, c.get('gateway').links, asked.value);
    if (!page.ok) return respondProblem(c, page.fault);
    const { linksVersion } = await state.control();
    return jsonText(c, { ...page.value, ...(await versionView(state, linksVersion)) });
  });
}

/** `GET /admin/links/{id}`. */
function showLink(part: StatePart): Handler {
  return withState(part, async (c, state) => {
    const id = linkIdOf(c);
    if (!id.ok) return respondProblem(c, id.fault);
    const row = await state.link(id.value);
    if (row === undefined) {
      const link = await linkOfFile(c, id.value);
      if (link === undefined) return respondProblem(c, noLink());
      return jsonText(c, fileLinkView(id.value, link));
    }
    const view = storedLinkView(row);
    if (view === undefined) return respondProblem(c, noLink());
    return jsonText(c, { ...view, ...(await versionView(state, row.version)) });
  });
}

/** `PUT /admin/links/{id}`. */
function setLink(part: StatePart, { readChunks }: Ports): Handler {
  return withState(part, async (c, state) => {
    const id = linkIdOf(c);
    if (!id.ok) return respondProblem(c, id.fault);
    const wanted = await readWantedLink(c, readChunks, id.value);
    if (!wanted.ok) return respondProblem(c, wanted.fault);
    const { reason, targets } = wanted.value;
    const link = { id: id.value, targets };
    const changed = await change(c, state, [link], { kind: 'link', ...link, reason });
    return jsonText(c, { ...link, source: 'api', ...changed });
  });
}

/** `DELETE /admin/links/{id}`: also one of the file, above which the removal stays. */
function removeLink(part: StatePart, { readChunks }: Ports): Handler {
  return withState(part, async (c, state) => {
    const id = linkIdOf(c);
    if (!id.ok) return respondProblem(c, id.fault);
    const reason = await readOptionalReason(c, readChunks);
    if (!reason.ok) return respondProblem(c, reason.fault);
    const row = await state.link(id.value);
    const targets = row === undefined ? await linkOfFile(c, id.value) : row.targets;
    if (targets === undefined) return respondProblem(c, noLink());
    const removed = { kind: 'unlink', id: id.value, reason: reason.value } as const;
    const changed = await change(c, state, [{ id: id.value }], removed);
    return jsonText(c, { id: id.value, ...changed });
  });
}

/** `POST /admin/links`: sets many links at once, or says what that would do. */
function importLinks(part: StatePart, { readChunks }: Ports): Handler {
  return withState(part, async (c, state) => {
    const asked = readQuery(importQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const { dryRun, reason } = asked.value;
    const links = await readLinkLines(c, readChunks);
    if (!links.ok) return respondProblem(c, links.fault);
    const counts = await countChanges(c, links.value);
    if (dryRun === 'true') return jsonText(c, { dryRun: true, ...counts });
    const imported = { kind: 'import_links', links: links.value.length, reason } as const;
    const changed = await change(c, state, links.value, imported);
    return jsonText(c, { dryRun: false, ...counts, ...changed });
  });
}

/** Stores links with the receipt of that, and follows them here before the response. */
async function change(
  c: Context,
  state: StateOperations,
  links: readonly (Pick<WantedLink, 'id'> & Partial<WantedLink>)[],
  what: Omit<OperatorChange, 'outcome'>,
): Promise<LinksVersionView> {
  const { targets } = c.get('gateway');
  const redactors = [...targets.values()].map(({ redactor }) => redactor);
  const reason = redactors.reduce((text, { text: clean }) => text && clean(text), what.reason);
  const receipt = changeReceipt(c, { ...what, reason, outcome: 'applied' });
  const version = await state.changeLinks(links, receipt);
  noteReceipt(c, receipt);
  // What could not be followed now is followed with the next beat, or by the next write.
  await state.follow().catch(() => {});
  return versionView(state, version);
}

/** Counts what an import would do, by the links that this replica follows. */
async function countChanges(c: Context, wanted: readonly WantedLink[]) {
  const { links } = c.get('gateway');
  const counts = { added: 0, replaced: 0, unchanged: 0 };
  for (const { id, targets } of wanted) {
    const link = await links?.find(id);
    if (link === undefined) counts.added += 1;
    else if (isSame(link, targets)) counts.unchanged += 1;
    else counts.replaced += 1;
  }
  return { links: wanted.length, ...counts };
}

function isSame(link: Link, targets: WantedLink['targets']): boolean {
  const names = Object.keys(targets);
  return names.length === link.size && names.every((name) => link.get(name) === targets[name]);
}

/** Returns the id in the path; one that names its target has no link. */
function linkIdOf(c: Context): Result<string> {
  const id = c.req.param('id') ?? '';
  addLogFields(c, { id });
  if (!id.includes(':')) return succeed(id);
  return fail(ownFault('invalid_id', 'An id with a ":" names its target, and has no link.'));
}

/** Finds the link that the configuration has, whatever the API says. */
async function linkOfFile(c: Context, id: string): Promise<Link | undefined> {
  return c.get('gateway').links?.changes?.below?.find(id);
}

function noLink() {
  return ownFault('link_not_found', 'The id has no link.');
}
