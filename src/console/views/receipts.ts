import { html } from 'hono/html';
import { stateAnswers } from '../../http/openapi/state-schemas.ts';
import { OUTCOMES, type ReceiptView } from '../../http/routes/receipt-view.ts';
import { LISTED_ROWS } from '../bounds.ts';
import {
  curlBox,
  dataTable,
  emptyState,
  type Html,
  linkTo,
  localTime,
  mono,
  problemNotice,
  section,
  shownIf,
} from '../elements.ts';
import { choiceField, searchForm, submitButton, textField } from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { morePages, receiptAddress, withoutState, writtenId } from '../listing.ts';
import { curlLineOf, parameterIn, parametersIn, type Visit } from '../visit.ts';
import { outcomeBadge, showReceiptPage } from './receipt.ts';
import type { View } from './view.ts';

/** Ends of writes, and changes by operators. */
export const receiptsPages: View = {
  entry: { path: '/console/receipts', label: 'Receipts' },
  pages: { '/console/receipts': showReceipts, '/console/receipts/:writeId': showReceiptPage },
};

const RECEIPT_FILTERS = ['id', 'profile', 'target', 'caller', 'outcome', 'since', 'until', 'after'];

async function showReceipts(visit: Visit): Promise<ConsolePage> {
  const filters = parametersIn(visit, RECEIPT_FILTERS);
  const query = { ...filters, limit: String(LISTED_ROWS) };
  const answer = await visit.api('/admin/receipts', stateAnswers().receipts, { query });
  const page = {
    title: 'Receipts',
    lead: 'How each write has ended, the newest first. Values stand nowhere in them.',
  };
  if (!answer.ok && answer.problem.code === 'not_found') {
    return { ...page, content: withoutState(answer.problem) };
  }
  const list = answer.ok
    ? html`${receiptTable(answer.value.receipts, Object.keys(filters).length > 0)}
        ${morePages(visit, '/console/receipts', answer.value.next)}`
    : problemNotice(answer.problem);
  return {
    ...page,
    ...(answer.ok ? {} : { status: answer.problem.status }),
    content: html`${section('Filter', filterForm(visit))}${section('Writes and changes', list)}
      ${curlBox(curlLineOf(visit, '/admin/receipts', filters))}`,
  };
}

function filterForm(visit: Visit): Html {
  const field = (name: string, label: string, placeholder = ''): Html =>
    textField({ name, label, placeholder, value: parameterIn(visit, name) });
  const outcomes = OUTCOMES.map((value) => ({ value, label: value }));
  const any = { value: '', label: 'any' };
  return searchForm(
    '/console/receipts',
    html`${field('id', 'Id')}
      ${field('profile', 'Profile', 'target:upstreamId')}
      ${field('target', 'Target')}
      ${field('caller', 'Caller')}
      ${choiceField('outcome', 'Outcome', [any, ...outcomes], parameterIn(visit, 'outcome') ?? '')}
      ${field('since', 'Since', '2026-03-01T09:30:00Z')}
      ${field('until', 'Until', '2026-03-01T10:30:00Z')}
      <div class="buttons">${submitButton('Filter', 'plain')}
        <a href="/console/receipts">Clear</a></div>`,
  );
}

function receiptTable(receipts: readonly ReceiptView[], isFiltered: boolean): Html {
  if (receipts.length === 0) {
    return isFiltered
      ? emptyState('No receipt fits', 'Change the filter, or clear it.')
      : emptyState('No receipts yet', 'The first write will leave one.');
  }
  const columns = ['When', 'What', 'Outcome', 'Profile', 'Caller'].map((label) => ({ label }));
  const rows = receipts.map((receipt) => [
    linkTo(receiptAddress(receipt.writeId), localTime(receipt.at)),
    receipt.kind.replace('_', ' '),
    html`${outcomeBadge(receipt.outcome)} ${shownIf(receipt.code, mono)}`,
    html`${mono(receipt.profile ?? receipt.target)}${
      receipt.id === receipt.profile ? '' : shownIf(receipt.id, writtenId)
    }`,
    receipt.caller ?? '–',
  ]);
  return dataTable('Receipts', columns, rows);
}
