import { html } from 'hono/html';
import { adminAnswers } from '../../../http/openapi/admin-schemas.ts';
import { matchAnswers } from '../../../http/openapi/matches/schemas.ts';
import {
  cellOf,
  curlBox,
  dataTable,
  emptyState,
  type Html,
  linkTo,
  localTime,
  problemNotice,
  section,
  smallLine,
  targetLink,
} from '../../elements.ts';
import type { ConsolePage } from '../../layout.ts';
import { withoutState } from '../../listing.ts';
import { matchCellName, matchCells } from '../../live-match.ts';
import { curlLineOf, mayAct, type Visit } from '../../visit.ts';
import { type ActionResult, receiptParameter, type View } from '../view.ts';
import { decideAll, decideOne } from './decisions.ts';
import { keysText, runAddress, type ShownRun } from './match-words.ts';
import { resumeRun, showRun, stopRun } from './run.ts';
import { matchBodyIn, startForm, startHeaders } from './start-form.ts';

/** Links by matching: runs, their candidates, and what is decided about them. */
export const matchesPages: View = {
  entry: { path: '/console/matches', label: 'Matching' },
  pages: {
    '/console/matches': (visit) => showRuns(visit),
    '/console/matches/:id': (visit) => showRun(visit),
  },
  actions: [
    { path: '/console/matches', scope: 'admin', run: startRun },
    { path: '/console/matches/:id/decide', scope: 'admin', run: decideOne },
    { path: '/console/matches/:id/all', scope: 'admin', run: decideAll },
    { path: '/console/matches/:id/resume', scope: 'admin', run: resumeRun },
    { path: '/console/matches/:id/stop', scope: 'admin', run: stopRun },
  ],
};

async function startRun(visit: Visit, form: URLSearchParams): Promise<ActionResult> {
  const body = matchBodyIn(form);
  const request = { method: 'POST', body, headers: startHeaders(form) } as const;
  const answer = await visit.api('/admin/matches', matchAnswers().run, request);
  if (!answer.ok) {
    const { problem } = answer;
    return { ...(await showRuns(visit, problemNotice(problem), form)), status: problem.status };
  }
  const { id } = answer.value;
  return { to: `${runAddress(id, { done: 'start' })}${receiptParameter(answer.headers)}` };
}

async function showRuns(
  visit: Visit,
  said: Html | string = '',
  form: URLSearchParams = visit.query,
): Promise<ConsolePage> {
  const page = {
    title: 'Matching',
    lead: 'Finds which profiles of two targets are the same, so that links need not be typed.',
    live: 'matches',
  } as const;
  const answer = await visit.api('/admin/matches', matchAnswers().runs);
  if (!answer.ok) return { ...page, content: withoutState(answer.problem) };
  return {
    ...page,
    content: html`${said}${section('Runs', runTable(answer.value.matches))}
      ${mayAct(visit) ? section('New run', await newRun(visit, form)) : NO_START}
      ${curlBox(curlLineOf(visit, '/admin/matches'))}`,
  };
}

const NO_START = html`<p class="muted">Starting a run needs the scope <code>admin</code>.</p>`;

async function newRun(visit: Visit, form: URLSearchParams): Promise<Html> {
  const targets = await visit.api('/admin/targets', adminAnswers().targets);
  if (!targets.ok) return problemNotice(targets.problem);
  const names = targets.value.targets.map(({ target }) => target);
  if (names.length > 1) return startForm(visit, names, form);
  return emptyState('There is one target', 'A run compares two: add another to the configuration.');
}

function runTable(runs: readonly ShownRun[]): Html {
  if (runs.length === 0) {
    return emptyState('No runs yet', 'Start one below: it writes nothing.');
  }
  const columns = ['Started', 'Targets', 'Keys', 'State'].map((label) => ({ label }));
  const rows = runs.map((run) => {
    const { createdAt, id, targets } = run;
    const [first = '', second = ''] = targets;
    const { progress, state } = matchCells(run);
    return [
      html`${linkTo(runAddress(id), localTime(createdAt))}${smallLine(run.by ?? '')}`,
      html`${targetLink(first)} and ${targetLink(second)}`,
      html`<code>${keysText(run)}</code>`,
      html`${cellOf(state, matchCellName(id, 'state'))}
        ${smallLine(cellOf(progress, matchCellName(id, 'progress')))}`,
    ];
  });
  return dataTable('Match runs', columns, rows);
}
