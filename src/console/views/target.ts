import { html } from 'hono/html';
import { adminAnswers } from '../../http/openapi/admin-schemas.ts';
import { overviewAnswers } from '../../http/routes/overview/schemas.ts';
import type { FailureView, TargetDetailView } from '../../http/routes/overview/target-detail.ts';
import type { ApiProblem } from '../api.ts';
import {
  badge,
  cellOf,
  curlBox,
  dataTable,
  emptyState,
  factList,
  type Html,
  linkTo,
  localTime,
  mono,
  notice,
  problemNotice,
  section,
} from '../elements.ts';
import { actionForm, reasonField, submitButton } from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { receiptLink } from '../listing.ts';
import { TARGET_CELLS, targetCellName, targetCells } from '../live-text.ts';
import { curlLineOf, mayAct, parameterIn, type Visit } from '../visit.ts';
import { profilesAddress } from './profiles.ts';
import { type ActionResult, reasonIn, receiptParameter, type View } from './view.ts';

/** One target: its state, its failures, its fields, and its drain. */
export const targetPages: View = {
  pages: { '/console/targets/:target': (visit) => showTargetPage(visit) },
  actions: [
    {
      path: '/console/targets/:target/drain',
      scope: 'admin',
      run: (visit, form) => sendDrain(visit, form, 'drain'),
    },
    {
      path: '/console/targets/:target/undrain',
      scope: 'admin',
      run: (visit, form) => sendDrain(visit, form, 'undrain'),
    },
  ],
};

function nameIn({ c }: Visit): string {
  return c.req.param('target') ?? '';
}

async function sendDrain(
  visit: Visit,
  form: URLSearchParams,
  kind: 'drain' | 'undrain',
): Promise<ActionResult> {
  const name = encodeURIComponent(nameIn(visit));
  const request = { method: 'POST', body: reasonIn(form) } as const;
  const answer = await visit.api(`/admin/targets/${name}/${kind}`, adminAnswers().target, request);
  if (!answer.ok) return await showTargetPage(visit, answer.problem);
  return { to: `/console/targets/${name}?done=${kind}${receiptParameter(answer.headers)}` };
}

async function showTargetPage(visit: Visit, problem?: ApiProblem): Promise<ConsolePage> {
  const name = nameIn(visit);
  const path = `/admin/targets/${encodeURIComponent(name)}`;
  const answer = await visit.api(path, overviewAnswers().target);
  const said = problem === undefined ? doneNotice(visit) : problemNotice(problem);
  if (!answer.ok) {
    const { status } = answer.problem;
    return { title: name, status, content: html`${said}${problemNotice(answer.problem)}` };
  }
  const view = answer.value;
  return {
    title: name,
    lead: html`${view.vendor}, id namespace <code>${view.idNamespace}</code>`,
    live: 'targets',
    ...(problem === undefined ? {} : { status: problem.status }),
    content: html`${said}
      <div class="columns">
        ${section('Now', nowFacts(view))}
        ${section('Traffic', drainPart(visit, view))}
      </div>
      ${section('Profiles', listPart(view))}
      ${section('Last failures', failureTable(view))}
      ${section('Fields', fieldTable(view))}
      ${curlBox(curlLineOf(visit, path))}`,
  };
}

function doneNotice(visit: Visit): Html | string {
  const done = parameterIn(visit, 'done');
  const title = done === 'drain' ? 'The target is drained' : 'The target serves again';
  if (done !== 'drain' && done !== 'undrain') return '';
  return notice('good', title, receiptLink(visit));
}

const LABELS: Readonly<Record<Exclude<(typeof TARGET_CELLS)[number], 'load'>, string>> = {
  health: 'Health',
  mode: 'Mode',
  breaker: 'Circuit breaker',
  credentials: 'Credentials',
  inFlight: 'In flight',
  queued: 'Queued',
  recent: 'Failed recently',
};

function nowFacts(view: TargetDetailView): Html {
  const cells = targetCells(view);
  const shown = TARGET_CELLS.filter((cell) => cell !== 'load');
  const live = shown.map(
    (cell) => [LABELS[cell], cellOf(cells[cell], targetCellName(view.target, cell))] as const,
  );
  const { max, left } = view.retryBudget;
  return factList([...live, ['Retries left', `${left} of ${max}`]]);
}

function drainPart(visit: Visit, view: TargetDetailView): Html {
  const { configuredMode, drained, target } = view;
  const { session } = visit;
  const path = `/console/targets/${encodeURIComponent(target)}`;
  if (!mayAct(visit)) {
    return html`${drainFacts(view)}
      <p class="muted">Draining needs the scope <code>admin</code>.</p>`;
  }
  if (drained !== undefined) {
    return html`${drainFacts(view)}${actionForm(
      `${path}/undrain`,
      session.csrf,
      html`${reasonField('undrain-reason', false)}${submitButton('Take it back into service')}`,
      'stack',
    )}`;
  }
  if (configuredMode === 'drained') {
    return html`<p>The configuration drains it: change its <code>mode</code> there.</p>`;
  }
  return html`<p>A drained target gets no requests: reads and writes answer 503 or use the fallback
      of their rule. What is in flight is finished.</p>
    ${actionForm(
      `${path}/drain`,
      session.csrf,
      html`${reasonField('drain-reason', false)}${submitButton('Drain', 'danger')}`,
      'stack',
    )}`;
}

function drainFacts({ drained }: TargetDetailView): Html {
  if (drained === undefined) return html`<p>The target is in service.</p>`;
  return factList([
    ['Drained since', localTime(drained.since)],
    ['By', drained.by ?? 'somebody on this machine'],
    ['Reason', drained.reason ?? 'none was given'],
  ]);
}

function listPart({ capabilities, target }: TargetDetailView): Html {
  if (capabilities.operations.list === undefined) {
    return html`<p class="muted">This target lists no profiles.</p>`;
  }
  return html`<p>${linkTo(profilesAddress(target), 'List its profiles')}, page by page, with the
    filters that its list has.</p>`;
}

function failureTable({ failures }: TargetDetailView): Html {
  if (failures.length === 0) {
    return emptyState('No failures', 'Nothing has failed since this process began.');
  }
  const columns = ['When', 'Request', 'Outcome', 'Code', 'Vendor'].map((label) => ({ label }));
  const rows = failures.map((failure) => [
    localTime(failure.at),
    failure.purpose,
    badge(failure.outcome === 'unknown' ? 'bad' : 'warn', failure.outcome),
    html`<a href="/problems/${failure.code}"><code>${failure.code}</code></a>`,
    vendorWords(failure),
  ]);
  return dataTable('Last failures', columns, rows);
}

function vendorWords({ upstream }: FailureView): Html {
  if (upstream === undefined) return html`<span class="muted">no answer</span>`;
  const { code, message, requestId, status } = upstream;
  return html`<span>${status}${code === undefined ? '' : html` <code>${code}</code>`}</span>
    ${message === undefined ? '' : html`<q>${message}</q>`}
    ${requestId === undefined ? '' : html`<span class="small">request ${mono(requestId)}</span>`}`;
}

function fieldTable({ capabilities }: TargetDetailView): Html {
  const columns = ['Field', 'Access', 'Type', 'Limits', 'Null', 'Confirmed'].map((label) => ({
    label,
  }));
  const rows = capabilities.fields.map((field) => [
    html`${mono(field.pointer)}${field.sensitive ? html` ${badge('warn', 'sensitive')}` : ''}`,
    field.access.replace('_', ' '),
    String(field.type ?? 'any'),
    fieldLimits(field),
    nullText(field.onNull),
    field.confirmation,
  ]);
  const atomic = capabilities.atomic
    ? 'Every patch is one write.'
    : 'Some patches take several writes.';
  return html`<p class="muted">${atomic}</p>${dataTable('Fields', columns, rows)}`;
}

type CapabilityField = TargetDetailView['capabilities']['fields'][number];

function fieldLimits(field: CapabilityField): string {
  const { enum: values, maxLength, maximum, minLength, minimum, pattern } = field;
  const parts = [
    values === undefined ? '' : values.join(', '),
    range(minLength, maxLength, 'characters'),
    range(field['x-minBytes'], field['x-maxBytes'], 'bytes'),
    range(minimum, maximum, ''),
    pattern === undefined ? '' : `matches ${pattern}`,
  ];
  return parts.filter((part) => part !== '').join('; ') || '–';
}

function range(least: number | undefined, most: number | undefined, unit: string): string {
  if (least === undefined && most === undefined) return '';
  if (most === undefined) return `at least ${least} ${unit}`.trim();
  return `${least === undefined ? 'at most ' : `${least} to `}${most} ${unit}`.trim();
}

function nullText(onNull: CapabilityField['onNull']): string {
  if (typeof onNull === 'string') return onNull === 'reject' ? 'rejected' : 'removes the key';
  return `sends ${JSON.stringify(onNull.send)}`;
}
