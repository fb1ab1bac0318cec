import { html } from 'hono/html';
import type { SchemaValue } from '../../../adapter-kit/index.ts';
import type { startMatchSchema } from '../../../http/routes/matches/match-query.ts';
import { MATCH_KEY_ROWS } from '../../bounds.ts';
import type { Html } from '../../elements.ts';
import {
  actionForm,
  choiceField,
  hiddenField,
  reasonField,
  submitButton,
  textField,
} from '../../forms.ts';
import type { Visit } from '../../visit.ts';
import { fieldIn, reasonIn } from '../view.ts';

type AskedKey = SchemaValue<typeof startMatchSchema>['keys'][number];

const CASE_LABELS: Readonly<Record<NonNullable<AskedKey['case']>, string>> = {
  ignore: 'ignore upper and lower case',
  exact: 'compare upper and lower case',
};
const BLANK_LABELS: Readonly<Record<NonNullable<AskedKey['blanks']>, string>> = {
  collapse: 'cut at the ends, one for several',
  remove: 'leave all out',
  exact: 'compare as they are',
};

/** Reads the form of a new run as the body of the API; the API judges it. */
export function matchBodyIn(form: URLSearchParams): object {
  const keys = rowNumbers().flatMap((n) => {
    const pointer = fieldIn(form, `pointer-${n}`);
    const secondPointer = fieldIn(form, `second-pointer-${n}`);
    // The API rejects half of a pair.
    if (pointer === '' && secondPointer === '') return [];
    const how = { case: fieldIn(form, `case-${n}`), blanks: fieldIn(form, `blanks-${n}`) };
    return [{ pointer, ...(secondPointer === '' ? {} : { secondPointer }), ...how }];
  });
  const [id, prefix] = [fieldIn(form, 'link-pointer'), fieldIn(form, 'link-prefix')];
  const rate = fieldIn(form, 'rate');
  const newLinkId = { pointer: id || '/upstreamId', ...(prefix === '' ? {} : { prefix }) };
  return {
    targets: [fieldIn(form, 'first'), fieldIn(form, 'second')],
    keys,
    ...(id === '' && prefix === '' ? {} : { newLinkId }),
    ...(rate === '' ? {} : { requestsPerSecond: Number(rate) }),
    ...reasonIn(form),
  };
}

/** Field of the key that each form of a new run has of its own. */
const ONCE = 'once';

/** Returns the headers with which a form that is sent twice starts one run. */
export function startHeaders(form: URLSearchParams): Record<string, string> {
  const key = fieldIn(form, ONCE);
  return /^[\da-f-]{36}$/.test(key) ? { 'idempotency-key': key } : {};
}

/** The form of a new run, with what it has been sent with. */
export function startForm(
  { session }: Pick<Visit, 'session'>,
  targets: readonly string[],
  given: URLSearchParams,
): Html {
  const [one = '', other = ''] = targets;
  const choices = targets.map((name) => ({ value: name, label: name }));
  return html`${COSTS}${actionForm(
    '/console/matches',
    session.csrf,
    html`${hiddenField(ONCE, crypto.randomUUID())}
      ${choiceField('first', 'First target', choices, given.get('first') ?? one)}
      ${choiceField('second', 'Second target', choices, given.get('second') ?? other)}
      ${keyFields(1, given)}
      <details class="field-wide"${moreRows(given) ? html` open` : ''}>
        <summary>More parts of the key…</summary>
        <p class="small">Profiles match where all parts are equal.</p>
        ${rowNumbers()
          .slice(1)
          .map((n) => html`<div class="grid-form">${keyFields(n, given)}</div>`)}
      </details>
      ${linkFields(given)}
      ${reasonField('start-reason', false)}
      <div class="buttons">${submitButton('Start the run')}
        <span class="muted">Links are set only by confirming what it finds.</span></div>`,
    'grid-form',
  )}`;
}

const COSTS = html`<p class="muted">A run lists every profile of both targets, with one request for
  each page, and writes nothing at the vendors. Its requests count in their rate limits as those of
  any caller do: choose few pages a second where others need them. The state keeps upstream ids, ids
  of new links and hashes of keys of the last runs, no other values. A list that the target cuts
  fails the run.</p>`;

function rowNumbers(): number[] {
  return Array.from({ length: MATCH_KEY_ROWS }, (_, i) => i + 1);
}

function moreRows(given: URLSearchParams): boolean {
  return rowNumbers().some((n) => n > 1 && (given.get(`pointer-${n}`) ?? '') !== '');
}

function keyFields(n: number, given: URLSearchParams): Html {
  const value = (name: string): string => given.get(`${name}-${n}`) ?? '';
  const choicesOf = (labels: Readonly<Record<string, string>>) =>
    Object.entries(labels).map(([choice, label]) => ({ value: choice, label }));
  const nth = n === 1 ? '' : ` of part ${n}`;
  return html`${textField({
    name: `pointer-${n}`,
    label: `Compare${nth}`,
    value: n === 1 ? value('pointer') || '/name' : value('pointer'),
    isRequired: n === 1,
    hint: 'A pointer into the profile: /name, /attributes/mail, /upstreamId.',
  })}
    ${textField({
      name: `second-pointer-${n}`,
      label: `With, at the second target${nth}`,
      value: value('second-pointer'),
      placeholder: 'the same',
    })}
    ${choiceField(`case-${n}`, `Case${nth}`, choicesOf(CASE_LABELS), value('case') || 'ignore')}
    ${choiceField(
      `blanks-${n}`,
      `Blanks${nth}`,
      choicesOf(BLANK_LABELS),
      value('blanks') || 'collapse',
    )}`;
}

const RATE_HINT = 'Of both targets, from 1 to 50; 5 where empty.';

function linkFields(given: URLSearchParams): Html {
  const field = (name: string, label: string, placeholder: string, hint?: string): Html =>
    textField({
      ...{ name, label, placeholder, value: given.get(name) ?? '' },
      ...(hint === undefined ? {} : { hint }),
    });
  return html`${field(
    'link-pointer',
    'Id of a new link',
    '/upstreamId',
    'A pointer into the profile at the first target.',
  )}
    ${field('link-prefix', 'Prefix of that id', 'none')}
    ${field('rate', 'Pages a second, at most', '5', RATE_HINT)}`;
}
