import { html } from 'hono/html';
import { stateAnswers } from '../../http/openapi/state-schemas.ts';
import type { ReceiptView } from '../../http/routes/receipt-view.ts';
import {
  badge,
  curlBox,
  dataTable,
  factList,
  type Html,
  localTime,
  mono,
  section,
  type Tone,
} from '../elements.ts';
import type { ConsolePage } from '../layout.ts';
import { withoutState } from '../listing.ts';
import { curlLineOf, type Visit } from '../visit.ts';

/** Shows one receipt as a timeline of its steps. */
export async function showReceiptPage(visit: Visit): Promise<ConsolePage> {
  const writeId = visit.c.req.param('writeId') ?? '';
  const path = `/admin/receipts/${encodeURIComponent(writeId)}`;
  const answer = await visit.api(path, stateAnswers().receipt);
  if (!answer.ok) {
    const { status } = answer.problem;
    return { title: 'Receipt', status, content: withoutState(answer.problem) };
  }
  const receipt = answer.value;
  return {
    title: `Receipt of a ${receipt.kind.replace('_', ' ')}`,
    lead: html`<code>${receipt.writeId}</code>`,
    content: html`<div class="columns">
        ${section('Outcome', outcomeFacts(receipt))}
        ${section('Timeline', timeline(receipt))}
      </div>
      ${changesPart(receipt)}
      ${curlBox(curlLineOf(visit, path))}`,
  };
}

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  applied: 'good',
  noop: 'quiet',
  rejected: 'warn',
  partial: 'bad',
  unknown: 'bad',
};

/** Shows an outcome in its tone. */
export function outcomeBadge(outcome: string): Html {
  return badge(OUTCOME_TONES[outcome] ?? 'quiet', outcome);
}

function outcomeFacts(receipt: ReceiptView): Html {
  const { caller, code, evidence, id, outcome, profile, reason, requestId, rule } = receipt;
  const optionalFacts = [
    [
      'Code',
      code === undefined ? undefined : html`<a href="/problems/${code}"><code>${code}</code></a>`,
    ],
    ['Reason', reason],
    ['Evidence', evidence?.replace('_', ' ')],
    ['Profile', profile === undefined ? undefined : receiptsOf('profile', profile)],
    ['Id', id === undefined ? undefined : receiptsOf('id', id)],
    ['Target', receipt.target],
    ['Caller', caller === undefined ? undefined : receiptsOf('caller', caller)],
    ['Rule', rule === undefined ? undefined : mono(rule)],
    ['Request', requestId === undefined ? undefined : mono(requestId)],
    ['Configuration', receipt.version === undefined ? undefined : mono(receipt.version)],
    ['Links', receipt.links],
    ['Recovered by', receipt.recoveredBy],
  ] as const;
  const known = optionalFacts.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return factList([['Outcome', outcomeBadge(outcome)], ...known]);
}

function receiptsOf(filter: string, value: string): Html {
  const query = new URLSearchParams({ [filter]: value });
  return html`<a href="/console/receipts?${query.toString()}"><code>${value}</code></a>`;
}

function timeline({ at, outcome, steps = [] }: ReceiptView): Html {
  const totalMs = steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return html`<ol class="timeline">
    ${steps.map(
      ({ durationMs, method, purpose, status }) => html`<li>
        <span class="timeline-name">${purpose}</span>
        <span><code>${method}</code> ${status}</span>
        <meter min="0" max="${Math.max(totalMs, 1)}" value="${durationMs}"
          aria-label="Share of the time"></meter>
        <span class="number">${durationMs.toFixed(1)} ms</span>
      </li>`,
    )}
    <li><span class="timeline-name">end</span><span>${outcomeBadge(outcome)}</span><span></span>
      <span>${localTime(at)}</span></li>
  </ol>`;
}

/** Marks of a member of the patch, by the lists that name it. */
const LISTS = [
  ['applied', 'applied'],
  ['notApplied', 'not applied'],
  ['unconfirmed', 'unconfirmed'],
  ['sent', 'sent, unknown'],
] as const;

/** States of members that no list names, by the outcome of the write. */
const STATES: Readonly<Record<string, string>> = {
  applied: 'applied',
  noop: 'was so already',
  rejected: 'not applied',
};

function changesPart(receipt: ReceiptView): Html | string {
  const { changes = [], targets } = receipt;
  const columns = ['Member', 'State', 'Keyed hash of the value'].map((label) => ({ label }));
  const rows = changes.map(({ hash, pointer }) => {
    const marks = LISTS.filter(([list]) => receipt[list]?.includes(pointer));
    const state = marks.map(([, mark]) => mark).join(', ') || STATES[receipt.outcome];
    return [mono(pointer), state ?? '–', mono(hash)];
  });
  const links = Object.entries(targets ?? {}).map(([target, id]) => [mono(target), mono(id)]);
  const linkColumns = ['Target', 'Upstream id'].map((label) => ({ label }));
  const members = section('Members of the patch', dataTable('Members', columns, rows));
  return html`${rows.length === 0 ? '' : members}
    ${links.length === 0 ? '' : section('Link', dataTable('Link', linkColumns, links))}`;
}
