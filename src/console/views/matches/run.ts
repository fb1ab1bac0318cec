import { html } from 'hono/html';
import { matchAnswers } from '../../../http/openapi/matches/schemas.ts';
import type { ApiProblem } from '../../api.ts';
import { LISTED_ROWS } from '../../bounds.ts';
import {
  badge,
  cellOf,
  countText,
  curlBox,
  factList,
  type Html,
  linkTo,
  localTime,
  notice,
  problemNotice,
  section,
  targetLink,
} from '../../elements.ts';
import { actionForm, reasonField, submitButton } from '../../forms.ts';
import type { ConsolePage } from '../../layout.ts';
import { receiptLink, withoutState } from '../../listing.ts';
import { matchCellName, matchCells } from '../../live-match.ts';
import { curlLineOf, mayAct, parameterIn, parametersIn, type Visit } from '../../visit.ts';
import { type ActionResult, reasonIn, receiptParameter } from '../view.ts';
import { allForm, candidatePart } from './candidates.ts';
import {
  apiRunPath,
  keysText,
  type RunPage,
  runAddress,
  type ShownRun,
  SITUATION_WORDS,
} from './match-words.ts';

/** `POST …/resume`: goes on with the run, or compares anew. */
export function resumeRun(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  return changeRun(visit, form, 'resume');
}

/** `POST …/stop`: stops a run that is under way. */
export function stopRun(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  return changeRun(visit, form, 'stop');
}

async function changeRun(
  visit: Visit,
  form: URLSearchParams,
  kind: 'resume' | 'stop',
): Promise<ActionResult> {
  const id = runIdIn(visit);
  const request = { method: 'POST', body: reasonIn(form) } as const;
  const answer = await visit.api(apiRunPath(id, `/${kind}`), matchAnswers().run, request);
  if (answer.ok) {
    // A run that has ended meanwhile stays as it is.
    const isDone = kind === 'resume' || answer.value.state === 'stopped';
    const address = runAddress(id, isDone ? { done: kind } : {});
    return { to: isDone ? `${address}${receiptParameter(answer.headers)}` : address };
  }
  return showRefusal(visit, answer.problem);
}

/** Shows the run with the problem that an action about it has met. */
export async function showRefusal(visit: Visit, problem: ApiProblem): Promise<ConsolePage> {
  return { ...(await showRun(visit, problemNotice(problem))), status: problem.status };
}

/** Returns the id of the run that the address names. */
export function runIdIn({ c }: Pick<Visit, 'c'>): string {
  return c.req.param('id') ?? '';
}

/** Shows a run with a page of its candidates; `said` is the result of an action. */
export async function showRun(visit: Visit, said?: Html): Promise<ConsolePage> {
  const id = runIdIn(visit);
  const filters = parametersIn(visit, ['situation', 'after']);
  const query = { ...filters, limit: String(LISTED_ROWS) };
  const answer = await visit.api(apiRunPath(id), matchAnswers().candidates, { query });
  if (!answer.ok) {
    const { problem } = answer;
    const isGone = problem.detail === NO_RUN;
    const shown = problem.code === 'not_found' && !isGone ? withoutState : problemNotice;
    const all = linkTo('/console/matches', 'See all runs');
    return {
      title: 'Match run',
      status: problem.status,
      content: html`${said ?? ''}${shown(problem)}<p>${all}</p>`,
    };
  }
  const run = answer.value;
  const [first = '', second = ''] = run.targets;
  return {
    title: `Matching of ${first} and ${second}`,
    lead: html`${localTime(run.createdAt)}${run.by === undefined ? '' : `, by ${run.by}`}`,
    live: 'matches',
    content: html`${said ?? matchNotice(visit)}${shiftingNotice(run)}
      <div class="columns">
        ${section('Run', runFacts(run))}
        ${section('Go on', mayAct(visit) ? controlForms(visit, run) : NO_DECISION)}
      </div>
      ${section('Situations', html`${situationLinks(visit, run)}${allForm(visit, run)}`)}
      ${section('Candidates', candidatePart(visit, run))}
      ${curlBox(curlLineOf(visit, apiRunPath(id), filters))}`,
  };
}

/** The words of the API for a run that is not there, as opposed to a state that is not. */
const NO_RUN = 'There is no such match run.';
const NO_DECISION = html`<p class="muted">Deciding, stopping and resuming need the scope
  <code>admin</code>.</p>`;

const MATCH_DONE: Readonly<Record<string, string>> = {
  start: 'The run has begun',
  resume: 'The run goes on',
  stop: 'The run is stopped',
  confirm: 'Confirmed',
  refuse: 'Refused',
};

function matchNotice(visit: Visit): Html | string {
  const done = MATCH_DONE[parameterIn(visit, 'done') ?? ''];
  const count = parameterIn(visit, 'count');
  if (done === undefined) return '';
  const amount = count === undefined || !/^\d+$/.test(count) ? '' : `: ${countText(Number(count))}`;
  return notice('good', `${done}${amount}`, receiptLink(visit));
}

function shiftingNotice({ shifting }: Pick<ShownRun, 'shifting'>): Html | string {
  if (shifting === undefined) return '';
  return notice(
    'warn',
    'Profiles may have been missed',
    html`<p>The list of ${shifting.join(' and of ')} has pages with numbers. While others created or
      deleted profiles there, one may have stood on no page: <code>missing</code> and
      <code>extra</code> mean that no partner was seen, not that there is none, and a
      <code>unique</code> key may stand at a profile more. Look at samples before you confirm
      all.</p>`,
  );
}

function runFacts(run: RunPage): Html {
  const { id, newLinkId, problem, requestsPerSecond, targets } = run;
  const [first = '', second = ''] = targets;
  const { progress, state } = matchCells(run);
  const normal = run.keys.map((key) => `case ${key.case}, blanks ${key.blanks}`).join('; ');
  const prefix = newLinkId?.prefix === undefined ? '' : `${newLinkId.prefix} and `;
  return html`${factList([
    ['State', cellOf(state, matchCellName(id, 'state'))],
    ['Progress', cellOf(progress, matchCellName(id, 'progress'))],
    ['First target', targetLink(first)],
    ['Second target', targetLink(second)],
    ['Compares', html`<code>${keysText(run)}</code> (${normal})`],
    ['Ids of new links', html`${prefix}<code>${newLinkId?.pointer ?? '/upstreamId'}</code>`],
    ['Pages a second', requestsPerSecond],
    ...(problem === undefined ? [] : [['Problem', problem] as const]),
  ])}
    <p data-live-changed="${matchCellName(id, 'state')}" data-live-was="${state.text}" role="status"
      hidden>${linkTo(runAddress(id), 'Its state has changed: look again')}</p>`;
}

function controlForms({ session }: Visit, { id, state }: RunPage): Html {
  const form = (kind: 'resume' | 'stop', label: string, words: string): Html =>
    html`<p>${words}</p>${actionForm(
      `${runAddress(id)}/${kind}`,
      session.csrf,
      html`${reasonField(`${kind}-reason`, false)}
        ${submitButton(label, kind === 'stop' ? 'danger' : 'plain')}`,
      'stack',
    )}`;
  if (state === 'running') {
    return form('stop', 'Stop it', 'What it has listed is kept, so that it can go on.');
  }
  if (state === 'ready') {
    const words = 'Links may have been set elsewhere since. Nothing is listed anew for it.';
    return form('resume', 'Compare anew', words);
  }
  return form('resume', 'Resume it', 'It goes on where it was, at this replica.');
}

function situationLinks(visit: Visit, { id, situations }: RunPage): Html {
  const chosen = parameterIn(visit, 'situation');
  const link = (address: string, name: string | undefined): Html => {
    const current = name === chosen ? html` aria-current="true"` : '';
    return html`<a href="${address}"${current}>${name ?? 'all'}</a>`;
  };
  const counts: Readonly<Record<string, number>> = situations ?? {};
  const items = Object.entries(SITUATION_WORDS).map(([name, words]) => {
    const amount = counts[name];
    const count = amount === undefined ? '' : badge('quiet', countText(amount));
    return html`<li>${link(runAddress(id, { situation: name }), name)} ${count}
      <span class="muted">${words}</span></li>`;
  });
  const first = situations === undefined ? html`<p class="small muted">${UNCOUNTED}</p>` : '';
  return html`<ul class="plain">${items}<li>${link(runAddress(id), undefined)}</li></ul>${first}`;
}

const UNCOUNTED = 'The first page has the number of each.';
