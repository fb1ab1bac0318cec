import { html } from 'hono/html';
import type * as z from 'zod/mini';
import { linkAnswers } from '../../http/openapi/link-schemas.ts';
import { LINK_IMPORT_LINES_MAX } from '../../limits.ts';
import type { ApiProblem } from '../api.ts';
import { IMPORT_FORM_BYTES_MAX, LISTED_ROWS } from '../bounds.ts';
import {
  badge,
  curlBox,
  dataTable,
  emptyState,
  factList,
  type Html,
  linkTo,
  mono,
  notice,
  problemNotice,
  section,
  targetLink,
} from '../elements.ts';
import {
  actionForm,
  areaField,
  hiddenField,
  reasonField,
  searchForm,
  submitButton,
  textField,
} from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { morePages, receiptLink, withoutState } from '../listing.ts';
import { curlLineOf, mayAct, parameterIn, parametersIn, type Visit } from '../visit.ts';
import { linkParts } from './link-forms.ts';
import { type ActionResult, fieldIn, reasonIn, receiptParameter, type View } from './view.ts';

/** Links from ids to upstream ids: both directions, changes, and imports. */
export const linksPages: View = {
  entry: { path: '/console/links', label: 'Links' },
  pages: { '/console/links': (visit) => showLinks(visit) },
  actions: [
    { path: '/console/links/set', scope: 'admin', run: sendLink },
    { path: '/console/links/remove', scope: 'admin', run: sendRemoval },
    {
      path: '/console/links/import',
      scope: 'admin',
      bytesMax: IMPORT_FORM_BYTES_MAX,
      run: sendLines,
    },
  ],
};

const DONE: Readonly<Record<string, string>> = {
  set: 'The link is set',
  remove: 'The link is removed',
  import: 'The links are imported',
};

async function sendLink(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const id = fieldIn(form, 'id');
  const targets = linkParts(fieldIn(form, 'targets'));
  const body = { targets, ...reasonIn(form) };
  const path = `/admin/links/${encodeURIComponent(id)}`;
  const answer = await visit.api(path, linkAnswers().link, { method: 'PUT', body });
  if (!answer.ok) return await showLinks(visit, { said: problemNotice(answer.problem), form });
  return { to: afterChange(id, 'set', answer.headers) };
}

async function sendRemoval(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const id = fieldIn(form, 'id');
  const path = `/admin/links/${encodeURIComponent(id)}`;
  const request = { method: 'DELETE', body: reasonIn(form) } as const;
  const answer = await visit.api(path, linkAnswers().removed, request);
  if (!answer.ok) return await showLinks(visit, { said: problemNotice(answer.problem), form });
  return { to: afterChange(id, 'remove', answer.headers) };
}

function afterChange(id: string, done: string, headers: Headers): string {
  const query = new URLSearchParams({ id, done });
  return `/console/links?${query}${receiptParameter(headers)}`;
}

async function sendLines(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const isDry = fieldIn(form, 'import') !== 'now';
  const answer = await visit.api('/admin/links', linkAnswers().imported, {
    method: 'POST',
    type: 'application/x-ndjson',
    body: form.get('lines') ?? '',
    query: isDry ? { dryRun: 'true' } : reasonIn(form),
  });
  if (!answer.ok) return await showLinks(visit, { said: problemNotice(answer.problem), form });
  if (!isDry) return { to: `/console/links?done=import${receiptParameter(answer.headers)}` };
  const { added, links, replaced, unchanged } = answer.value;
  const counts = factList([
    ['Links', links],
    ['Added', added],
    ['Replaced', replaced],
    ['Left unchanged', unchanged],
  ]);
  const said = notice('info', 'Dry run: this is what the import would do', counts);
  return await showLinks(visit, { said, form, isTried: true });
}

/** Result of a form that is shown on the page itself, and the form to go on with. */
type Outcome = {
  readonly said: Html;
  readonly form: URLSearchParams;
  readonly isTried?: boolean;
};

async function showLinks(visit: Visit, outcome?: Outcome): Promise<ConsolePage> {
  const id = parameterIn(visit, 'id');
  const filters = parametersIn(visit, ['target', 'upstreamId', 'after']);
  const page = {
    title: 'Links',
    lead: 'The name of an id at each target. Links set here come before those of the file.',
  };
  const found = await findLinks(visit, id, filters);
  if (found.problem?.code === 'not_found') return { ...page, content: withoutState(found.problem) };
  const done = DONE[parameterIn(visit, 'done') ?? ''];
  const said =
    outcome?.said ?? (done === undefined ? '' : notice('good', done, receiptLink(visit)));
  const path = id === undefined ? '/admin/links' : `/admin/links/${encodeURIComponent(id)}`;
  return {
    ...page,
    ...(outcome === undefined || outcome.isTried ? {} : { status: 400 }),
    content: html`${said}
      ${section('Search', html`${searchForms(visit)}${found.content}`)}
      ${mayAct(visit) ? changeParts(visit, outcome) : ''}
      ${curlBox(curlLineOf(visit, path, filters))}`,
  };
}

async function findLinks(
  visit: Visit,
  id: string | undefined,
  filters: Readonly<Record<string, string>>,
): Promise<{ readonly content: unknown; readonly problem?: ApiProblem }> {
  if (id !== undefined) {
    const one = await visit.api(`/admin/links/${encodeURIComponent(id)}`, linkAnswers().link);
    if (one.ok) return { content: linkTable(visit, [one.value]) };
    const { code } = one.problem;
    if (code !== 'link_not_found')
      return { content: problemNotice(one.problem), problem: one.problem };
    return { content: emptyState('This id has no link', 'Set one below, or search for another.') };
  }
  const query = { ...filters, limit: String(LISTED_ROWS) };
  const all = await visit.api('/admin/links', linkAnswers().links, { query });
  if (!all.ok) return { content: problemNotice(all.problem), problem: all.problem };
  const { inForceEverywhere, links, next, version } = all.value;
  const state = html`<p class="small muted">Version ${version}, ${
    inForceEverywhere ? 'in force at every replica.' : 'not in force at every replica yet.'
  }</p>`;
  return {
    content: html`${linkTable(visit, links)}${morePages(visit, '/console/links', next)}${state}`,
  };
}

function searchForms(visit: Visit): Html {
  const field = (name: string, label: string, id: string): Html =>
    textField({ name, label, id, value: parameterIn(visit, name) });
  return html`<div class="searches">
    ${searchForm(
      '/console/links',
      html`${field('id', 'Id', 'search-id')}
      <div class="buttons">${submitButton('Find its link', 'plain')}</div>`,
    )}
    ${searchForm(
      '/console/links',
      html`${field('target', 'Target', 'search-target')}
      ${field('upstreamId', 'Upstream id', 'search-upstream')}
      <div class="buttons">${submitButton('Find who leads there', 'plain')}</div>`,
    )}
  </div>`;
}

type LinkRows = z.infer<ReturnType<typeof linkAnswers>['links']>['links'];

function linkTable(visit: Visit, links: LinkRows): Html {
  if (links.length === 0) {
    return emptyState('No links', 'Set one below, import a file, or change the search.');
  }
  const columns = ['Id', 'Targets', 'Source'].map((label) => ({ label }));
  const rows = links.map((link, i) => [
    linkTo(`/console/links?${new URLSearchParams({ id: link.id })}`, mono(link.id)),
    html`<ul class="plain">${Object.entries(link.targets).map(
      ([target, upstreamId]) => html`<li>${targetLink(target)} ${mono(upstreamId)}</li>`,
    )}</ul>`,
    html`${badge(link.source === 'api' ? 'info' : 'quiet', link.source)}
      ${removeForm(visit, link.id, i)}`,
  ]);
  return dataTable('Links', columns, rows);
}

function removeForm(visit: Visit, id: string, i: number): Html | string {
  if (!mayAct(visit)) return '';
  return html`<details><summary>Remove…</summary>${actionForm(
    '/console/links/remove',
    visit.session.csrf,
    html`${hiddenField('id', id)}${reasonField(`remove-reason-${i}`, false)}
      ${submitButton('Remove the link', 'danger')}`,
    'stack',
  )}</details>`;
}

const SET_ID = { name: 'id', id: 'set-id', label: 'Id', isRequired: true } as const;

function changeParts({ query, session }: Visit, outcome: Outcome | undefined): Html {
  const given = outcome?.form ?? query;
  const setForm = actionForm(
    '/console/links/set',
    session.csrf,
    html`${textField({ ...SET_ID, value: given.get('id') ?? '' })}
      ${areaField({
        name: 'targets',
        label: 'Targets, one per line',
        rows: 3,
        isRequired: true,
        value: outcome?.form.get('targets') ?? '',
        placeholder: 'target: upstream-id',
        hint: 'Replaces the whole link of the id.',
      })}
      ${reasonField('set-reason', false)}
      <div class="buttons"><button class="button">Set the link</button></div>`,
    'stack',
  );
  return html`<div class="columns">
    ${section('Change a link', setForm)}
    ${section('Import', importForm(session.csrf, outcome))}
  </div>`;
}

function importForm(csrf: string, outcome: Outcome | undefined): Html {
  return actionForm(
    '/console/links/import',
    csrf,
    html`<div class="field" data-file-for="lines" hidden>
        <label for="file">File</label><input id="file" type="file" accept=".jsonl,.ndjson,.txt">
      </div>
      ${areaField({
        name: 'lines',
        label: `Lines, up to ${LINK_IMPORT_LINES_MAX}`,
        rows: 5,
        isRequired: true,
        value: outcome?.form.get('lines') ?? '',
        placeholder: '{"id": "emp-17", "targets": {"target": "upstream-id"}}',
        hint: 'All lines are imported or, if one is bad, none.',
      })}
      ${reasonField('import-reason', false)}
      <div class="buttons">
        <button class="button" name="import" value="try">Try it</button>
        ${
          outcome?.isTried
            ? html`<button class="button button-danger" name="import" value="now">Import</button>`
            : html`<span class="muted">You can import after a dry run.</span>`
        }
      </div>`,
    'stack',
  );
}
