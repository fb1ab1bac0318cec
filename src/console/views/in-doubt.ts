import { html } from 'hono/html';
import type * as z from 'zod/mini';
import { stateAnswers } from '../../http/openapi/state-schemas.ts';
import type { ApiProblem } from '../api.ts';
import { LISTED_ROWS } from '../bounds.ts';
import {
  curlBox,
  dataTable,
  emptyState,
  type Html,
  localTime,
  mono,
  notice,
  problemNotice,
  section,
  shownIf,
  smallLine,
} from '../elements.ts';
import {
  actionForm,
  hiddenField,
  reasonField,
  searchForm,
  submitButton,
  textField,
} from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { morePages, receiptLink, withoutState, writtenId } from '../listing.ts';
import { curlLineOf, mayAct, parameterIn, parametersIn, type Visit } from '../visit.ts';
import { type ActionResult, fieldIn, reasonIn, receiptParameter, type View } from './view.ts';

/** Profiles that an earlier write may still change, open creates, and lifting their marks. */
export const inDoubtPages: View = {
  entry: { path: '/console/in-doubt', label: 'In doubt' },
  pages: { '/console/in-doubt': (visit) => showInDoubt(visit) },
  actions: [{ path: '/console/in-doubt/lift', scope: 'admin', run: liftMark }],
};

async function liftMark(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const path = `/admin/in-doubt/${encodeURIComponent(fieldIn(form, 'id'))}`;
  const request = { method: 'DELETE', body: { reason: '', ...reasonIn(form) } } as const;
  const answer = await visit.api(path, stateAnswers().lifted, request);
  if (!answer.ok) return await showInDoubt(visit, answer.problem);
  return { to: `/console/in-doubt?done=lift${receiptParameter(answer.headers)}` };
}

async function showInDoubt(visit: Visit, problem?: ApiProblem): Promise<ConsolePage> {
  const filters = parametersIn(visit, ['profile', 'after']);
  const query = { ...filters, limit: String(LISTED_ROWS) };
  const answer = await visit.api('/admin/in-doubt', stateAnswers().inDoubt, { query });
  const isDone = parameterIn(visit, 'done') === 'lift';
  const done = isDone ? notice('good', 'The mark is lifted', receiptLink(visit)) : '';
  const page = {
    title: 'In doubt',
    lead: 'Writes without an answer, which the vendor may still apply. Marks end by themselves.',
    ...(problem === undefined ? {} : { status: problem.status }),
  };
  if (!answer.ok) return { ...page, content: withoutState(answer.problem) };
  const { inDoubt, next } = answer.value;
  const search = searchForm(
    '/console/in-doubt',
    html`${textField({
      name: 'profile',
      label: 'Profile',
      value: parameterIn(visit, 'profile'),
      placeholder: 'target:upstreamId',
    })}<div class="buttons">${submitButton('Search', 'plain')}</div>`,
  );
  const pages = morePages(visit, '/console/in-doubt', next);
  return {
    ...page,
    content: html`${problem === undefined ? done : problemNotice(problem)}
      ${section('Profiles and creates', html`${search}${inDoubtTable(visit, inDoubt)}${pages}`)}
      ${curlBox(curlLineOf(visit, '/admin/in-doubt', filters))}`,
  };
}

type Doubtful = z.infer<ReturnType<typeof stateAnswers>['inDoubt']>['inDoubt'];

function inDoubtTable(visit: Visit, rows: Doubtful): Html {
  if (rows.length === 0) {
    const isSearched = parameterIn(visit, 'profile') !== undefined;
    const title = isSearched ? 'This profile is not in doubt' : 'Nothing is in doubt';
    return emptyState(title, 'Every write has a known end, so any profile can be written.');
  }
  const columns = ['Profile', 'Written by', 'Since', 'Until', 'Lift'].map((label) => ({ label }));
  return dataTable(
    'Profiles in doubt',
    columns,
    rows.map((row, i) => [
      subjectOf(row),
      html`${row.caller ?? '–'}${shownIf(row.requestId, (id) => smallLine(mono(id)))}`,
      localTime(row.since),
      localTime(row.until),
      liftForm(visit, row, i),
    ]),
  );
}

/** Shows what is in doubt: a profile, or a create by its target and the name it asks for. */
function subjectOf({ create, id, name, profile, target }: Doubtful[number]): Html {
  const written = id === profile ? '' : shownIf(id, writtenId);
  if (create === undefined) return html`${mono(profile)}${written}`;
  return html`Create at ${mono(target)}${shownIf(name, (text) => smallLine(text))}${written}`;
}

function liftForm(visit: Visit, { create, profile = create }: Doubtful[number], i: number): Html {
  if (profile === undefined || !mayAct(visit)) return html`<span class="muted">–</span>`;
  const warning =
    create === undefined
      ? 'Only if you know from the vendor that the write cannot be applied any more.'
      : 'It ends as unknown, and another create of the name may make a second profile.';
  return html`<details><summary>Lift…</summary>
    <p class="small">${warning}</p>
    ${actionForm(
      '/console/in-doubt/lift',
      visit.session.csrf,
      html`${hiddenField('id', profile)}${reasonField(`lift-reason-${i}`, true)}
        ${submitButton('Lift the mark', 'danger')}`,
      'stack',
    )}</details>`;
}
