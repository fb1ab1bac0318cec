import { html } from 'hono/html';
import {
  badge,
  dataTable,
  emptyState,
  type Html,
  linkTo,
  mono,
  shownIf,
  smallLine,
  type Tone,
} from '../../elements.ts';
import { actionForm, choiceField, hiddenField, reasonField, textField } from '../../forms.ts';
import { morePages } from '../../listing.ts';
import { mayAct, parameterIn, type Visit } from '../../visit.ts';
import { tryAddress } from '../view.ts';
import {
  type RunPage,
  runAddress,
  type ShownCandidate,
  type ShownRun,
  type ShownSituation,
} from './match-words.ts';

const TONES: Readonly<Record<ShownSituation, Tone>> = {
  unique: 'good',
  ambiguous: 'warn',
  duplicate_key: 'warn',
  missing: 'quiet',
  extra: 'quiet',
  already_linked: 'info',
  refused: 'quiet',
};

/** A page of the candidates of a run. */
export function candidatePart(visit: Visit, run: RunPage): Html {
  const { candidates, next, state } = run;
  const pages = morePages(visit, runAddress(run.id), next);
  if (candidates.length > 0) return html`${candidateTable(visit, run)}${pages}`;
  if (state !== 'ready') {
    const advice = 'The run compares once it has listed both targets. Resume it where it rests.';
    return html`${emptyState('No candidates yet', advice)}${pages}`;
  }
  const isFiltered = parameterIn(visit, 'situation') !== undefined;
  const title = isFiltered ? 'No candidate is in this situation' : 'The run has no candidates';
  const advice = isFiltered ? 'Choose another one.' : 'Neither target has listed a profile.';
  return html`${emptyState(title, advice)}${pages}`;
}

function candidateTable(visit: Visit, run: RunPage): Html {
  const columns = ['Situation', ...run.targets, 'Decide'].map((label) => ({ label }));
  const rows = run.candidates.map((candidate, i) => [
    html`${badge(TONES[candidate.situation], candidate.situation)}${
      candidate.hasKey ? '' : smallLine('nothing to compare it by')
    }${candidate.hasMore ? smallLine('more profiles than are shown') : ''}`,
    ...run.targets.map((target) => profileList(candidate, target)),
    decideForm(visit, run, candidate, i),
  ]);
  return dataTable('Candidates', columns, rows);
}

type ShownProfile = ShownCandidate['profiles'][number];

function ofTarget({ profiles }: ShownCandidate, target: string): ShownProfile[] {
  return profiles.filter((profile) => profile.target === target);
}

function profileList(candidate: ShownCandidate, name: string): Html {
  const profiles = ofTarget(candidate, name);
  // Nothing is linked where the other target has none.
  const hasBoth = profiles.length < candidate.profiles.length;
  if (profiles.length === 0) return html`<span class="muted">none</span>`;
  const items = profiles.map(
    ({ link, linkedTo, newLinkId, target, upstreamId }) =>
      html`<li>${linkTo(tryAddress(`${target}:${upstreamId}`), mono(upstreamId))}
        ${shownIf(link, (id) => smallLine(html`link ${mono(id)}`))}
        ${shownIf(linkedTo, (id) => smallLine(html`partner ${mono(id)}`))}
        ${hasBoth ? shownIf(newLinkId, (id) => smallLine(html`new link ${mono(id)}`)) : ''}</li>`,
  );
  return html`<ul class="plain">${items}</ul>`;
}

const DECIDABLE: readonly ShownSituation[] = ['unique', 'ambiguous', 'duplicate_key'];

/** The form that decides about one pair of a candidate, where it has any. */
function decideForm(
  visit: Visit,
  { id, state, targets }: RunPage,
  candidate: ShownCandidate,
  row: number,
): Html {
  const sides = targets.map((target) =>
    ofTarget(candidate, target).filter(({ linkedTo }) => linkedTo === undefined),
  );
  const hasPair = sides.every((profiles) => profiles.length > 0);
  if (!mayAct(visit) || state !== 'ready' || !hasPair || !DECIDABLE.includes(candidate.situation)) {
    return html`<span class="muted">–</span>`;
  }
  const names = ['first', 'second'];
  const pair = sides.map((profiles, side) => {
    const name = names[side] ?? '';
    const [only] = profiles;
    if (candidate.situation === 'unique') return '';
    if (profiles.length === 1) return hiddenField(name, only?.upstreamId ?? '');
    const choices = profiles.map(({ upstreamId }) => ({ value: upstreamId, label: upstreamId }));
    return choiceField(name, `Profile at ${targets[side]}`, choices, '', `${name}-${row}`);
  });
  const hasLink = candidate.profiles.some(({ link }) => link !== undefined);
  const linkId = { name: 'link', id: `link-${row}`, label: 'Id of the new link' } as const;
  return html`<details><summary>Decide…</summary>${actionForm(
    `${runAddress(id)}/decide`,
    visit.session.csrf,
    html`${hiddenField('candidate', candidate.candidate)}${placeFields(visit)}${pair}
      ${hasLink ? '' : textField({ ...linkId, placeholder: 'as it is shown' })}
      ${reasonField(`decide-reason-${row}`, false)}
      <div class="buttons">
        <button class="button" name="decision" value="confirm">Confirm</button>
        <button class="button button-plain" name="decision" value="refuse">Refuse</button>
      </div>`,
    'stack',
  )}</details>`;
}

/** The page that an action about one candidate leads back to. */
function placeFields(visit: Visit): Html[] {
  return ['situation', 'after'].map((name) => hiddenField(name, parameterIn(visit, name) ?? ''));
}

/** The form that decides about all candidates that are unique; `after` goes on with it. */
export function allForm(
  visit: Visit,
  { id, situations, state }: Pick<ShownRun, 'id' | 'state'> & Pick<RunPage, 'situations'>,
  after = parameterIn(visit, 'next') ?? '',
): Html | string {
  if (!mayAct(visit) || state !== 'ready' || situations?.unique === 0) return '';
  const more = after === '' ? '' : html`<p>More are left: go on.</p>`;
  return html`<details${after === '' ? '' : html` open`}><summary>Decide about all that are
    unique…</summary>${more}
    <p class="small">Confirming links their profiles; a link that leads elsewhere is never replaced.
      What is refused stays refused, also in later runs. Thousands take several steps.</p>
    ${actionForm(
      `${runAddress(id)}/all`,
      visit.session.csrf,
      html`${hiddenField('after', after)}${reasonField('all-reason', false)}
        <div class="buttons">
          <button class="button button-danger" name="decision" value="confirm">Confirm all</button>
          <button class="button button-plain" name="decision" value="refuse">Refuse all</button>
        </div>`,
      'stack',
    )}</details>`;
}
