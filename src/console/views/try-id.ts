import { html } from 'hono/html';
import type { JsonObject, SchemaValue } from '../../adapter-kit/index.ts';
import { successResponses } from '../../http/openapi/response-schemas.ts';
import { explanationSchema } from '../../http/openapi/schemas/explanation-schemas.ts';
import type { ApiProblem } from '../api.ts';
import { PATCH_FORM_BYTES_MAX } from '../bounds.ts';
import { comparison } from '../comparison.ts';
import {
  badge,
  copyBox,
  dataTable,
  emptyState,
  factList,
  type Html,
  mono,
  notice,
  problemNotice,
  section,
  shownIf,
  targetLink,
  textBox,
} from '../elements.ts';
import {
  actionForm,
  areaField,
  choiceField,
  hiddenField,
  submitButton,
  textField,
  tickField,
} from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { parameterIn, type Visit } from '../visit.ts';
import { appliedPatch, failedPatch } from './sent-patch.ts';
import { fieldIn, type View } from './view.ts';

const TITLE = 'Try an id';
const LEAD =
  'Shows where an id leads, what a patch would change there, and the exact requests. Nothing is ' +
  'written before you send it.';
const MERGE_PATCH_TYPE = 'application/merge-patch+json';

const PATCH_FORM = { scope: 'profiles:write', bytesMax: PATCH_FORM_BYTES_MAX } as const;

/** Explains a patch, and sends it for those who may write. */
export const tryPages: View = {
  entry: { path: '/console/try', label: TITLE },
  pages: {
    '/console/try': async (visit) => {
      const asked = { ...NOTHING_TRIED, id: parameterIn(visit, 'id') ?? '' };
      return tryPage(visit, asked, '');
    },
  },
  actions: [
    { ...PATCH_FORM, path: '/console/try', run: explain },
    { ...PATCH_FORM, path: '/console/try/send', run: send },
  ],
};

/** Content of the form. */
type TriedPatch = {
  readonly id: string;
  readonly patch: string;
  readonly handling: string;
  readonly reads: boolean;
};

const NOTHING_TRIED: TriedPatch = { id: '', patch: '{}', handling: 'strict', reads: true };

function askedIn(form: URLSearchParams): TriedPatch {
  return {
    id: fieldIn(form, 'id'),
    patch: fieldIn(form, 'patch') || '{}',
    handling: fieldIn(form, 'handling') === 'lenient' ? 'lenient' : 'strict',
    reads: fieldIn(form, 'reads') === 'true',
  };
}

async function explain(visit: Visit, form: URLSearchParams): Promise<ConsolePage> {
  const asked = askedIn(form);
  const answer = await visit.api(
    `/profiles/${encodeURIComponent(asked.id)}/explain`,
    explanationSchema(),
    {
      method: 'POST',
      type: MERGE_PATCH_TYPE,
      body: asked.patch,
      // What is sent has a condition too where the profile was read, and so a read of its own.
      headers: {
        prefer: `handling=${asked.handling}`,
        ...(asked.reads ? { 'if-match': '*' } : {}),
      },
      query: asked.reads ? { read: 'true' } : {},
    },
  );
  if (answer.ok) return tryPage(visit, asked, explanation(visit, asked, answer.value));
  return tryPage(visit, asked, failedExplanation(answer.problem), answer.problem.status);
}

async function send(visit: Visit, form: URLSearchParams): Promise<ConsolePage> {
  const asked = askedIn(form);
  const tag = fieldIn(form, 'tag');
  const answer = await visit.api(
    `/profiles/${encodeURIComponent(asked.id)}`,
    successResponses().write,
    {
      method: 'PATCH',
      type: MERGE_PATCH_TYPE,
      body: asked.patch,
      headers: {
        prefer: `handling=${asked.handling}`,
        'idempotency-key': `"${fieldIn(form, 'key')}"`,
        ...(tag === '' ? {} : { 'if-match': tag }),
      },
    },
  );
  if (!answer.ok) return tryPage(visit, asked, failedPatch(answer.problem), answer.problem.status);
  return tryPage(visit, asked, appliedPatch(answer.value, answer.headers));
}

function tryPage(visit: Visit, asked: TriedPatch, result: unknown, status = 200): ConsolePage {
  const { scopes } = visit.who;
  const mayExplain = scopes.includes('profiles:write') || !visit.isSignedIn;
  const content = mayExplain
    ? section('Patch', tryForm(visit, asked))
    : emptyState(
        'This caller may not explain patches',
        html`Explaining needs the scope
        <code>profiles:write</code>. Sign in as a caller who has it.`,
      );
  return { title: TITLE, lead: LEAD, status, content: html`${content}${result}` };
}

function tryForm({ session, who }: Visit, { handling, id, patch, reads }: TriedPatch): Html {
  const mayRead = who.scopes.includes('profiles:read') || who.caller === undefined;
  const handlings = [
    { value: 'strict', label: 'strict: reject what does not fit' },
    { value: 'lenient', label: 'lenient: drop what does not fit' },
  ];
  return actionForm(
    '/console/try',
    session.csrf,
    html`${textField({
      name: 'id',
      label: 'Id',
      value: id,
      isRequired: true,
      hint: 'As a caller would write it: target:upstreamId, or an id that a rule takes.',
    })}
    ${choiceField('handling', 'Handling', handlings, handling)}
    ${areaField({
      name: 'patch',
      label: 'JSON Merge Patch',
      value: patch,
      rows: 6,
      isRequired: true,
      hint: 'An empty object shows where the id leads, and the profile.',
    })}
    ${mayRead ? tickField('reads', 'Read the profile, to compare before and after', reads) : ''}
    <div class="buttons">${submitButton('Explain')}</div>`,
    'grid-form',
  );
}

type ShownExplanation = SchemaValue<typeof explanationSchema>;

function explanation(visit: Visit, asked: TriedPatch, shown: ShownExplanation): Html {
  const { after, before, losses, prediction, problem, requests } = shown;
  const tones = { write: 'info', noop: 'quiet', rejected: 'bad' } as const;
  const facts = factList([
    ['Prediction', badge(tones[prediction], prediction)],
    ['Target', targetLink(shown.target)],
    ['Upstream id', mono(shown.upstreamId)],
    ['Writes', shown.atomic ? 'one' : 'several, one after the other'],
    ['Circuit breaker', shown.policy.circuitBreaker.replace('_', ' ')],
    ['Deadline', `${shown.policy.deadlineMs / 1_000} s`],
  ]);
  return html`${section(
    'Explanation',
    html`${facts}${problem === undefined ? '' : predicted(problem)}${
      prediction === 'write' ? sendPart(visit, asked, shown.etag) : ''
    }`,
  )}
    ${routePart(shown.route)}
    ${before === undefined || after === undefined ? '' : comparedMembers(before, after)}
    ${losses.length === 0 ? '' : section('Losses', lossList(losses))}
    ${requests.length === 0 ? '' : section('Requests', html`${requests.map(requestPart)}`)}`;
}

function predicted({ code, detail, errors = [] }: NonNullable<ShownExplanation['problem']>): Html {
  return notice(
    'warn',
    'The patch would be rejected',
    html`<p>${detail} <code>${code}</code></p>
    ${
      errors.length === 0
        ? ''
        : html`<ul>${errors.map(
            (error) =>
              html`<li><code>${error.pointer}</code> ${error.detail}${
                error.supportedBy === undefined
                  ? ''
                  : ` Supported by ${error.supportedBy.join(', ')}.`
              }</li>`,
          )}</ul>`
    }`,
  );
}

/** Each explanation has a key of its own, so that sending it twice writes once. */
function sendPart(
  { session, who }: Visit,
  { handling, id, patch }: TriedPatch,
  tag: string | undefined,
): Html {
  if (!who.scopes.includes('profiles:write')) {
    return html`<p class="muted">Sending it needs the scope <code>profiles:write</code>.</p>`;
  }
  return actionForm(
    '/console/try/send',
    session.csrf,
    html`${hiddenField('id', id)}${hiddenField('patch', patch)}${hiddenField('handling', handling)}
      ${hiddenField('key', crypto.randomUUID())}${shownIf(tag, (one) => hiddenField('tag', one))}
      ${hiddenField('reads', String(tag !== undefined))}
      ${submitButton('Send it', 'danger')}
      <span class="muted">${tag === undefined ? UNREAD_SEND : READ_SEND}</span>`,
    'buttons',
  );
}

const READ_SEND = 'Writes to the vendor, if the profile is still as it is shown below.';
const UNREAD_SEND = 'Writes to the vendor, whatever the profile is now: it was not read.';

function routePart(route: ShownExplanation['route']): Html | string {
  if (route === undefined || route.length === 0) return '';
  const columns = ['Rule', 'Result', 'Reason'].map((label) => ({ label }));
  const rows = route.map(({ matched, reason, rule }) => [
    mono(rule),
    matched ? badge('good', 'matches') : badge('quiet', 'no match'),
    reason,
  ]);
  return section('Route', dataTable('Rules in the order in which they were tried', columns, rows));
}

function lossList(losses: ShownExplanation['losses']): Html {
  const columns = ['Member', 'Kind', 'Reason'].map((label) => ({ label }));
  const rows = losses.map(({ kind, pointer, reason }) => [mono(pointer), kind, reason]);
  return dataTable('Losses', columns, rows);
}

const UNREAD_NOTE = html`<p class="muted">Its body depends on the profile, which was not read.</p>`;

function comparedMembers(before: JsonObject, after: JsonObject): Html {
  return section('Before and after', comparison(before, after));
}

function requestPart(request: ShownExplanation['requests'][number], i: number): Html {
  const { body, curl, dependsOnRead, headers, method, step, url } = request;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${url}`, ...lines, '', body ?? ''].join('\n').trim();
  return html`<div class="request">
    <h3>${i + 1}. ${step}</h3>
    ${dependsOnRead ? UNREAD_NOTE : ''}
    ${textBox(`Request ${i + 1}`, text)}
    ${curl === '' ? '' : html`<details><summary>For a terminal</summary>${copyBox(curl)}</details>`}
  </div>`;
}

function failedExplanation(problem: ApiProblem): Html {
  return html`${problemNotice(problem)}${routePart(problem.route)}`;
}
