import { html } from 'hono/html';
import type * as z from 'zod/mini';
import { type JsonObject, ownText } from '../../adapter-kit/index.ts';
import { successResponses } from '../../http/openapi/response-schemas.ts';
import { overviewAnswers } from '../../http/routes/overview/schemas.ts';
import type { TargetDetailView } from '../../http/routes/overview/target-detail.ts';
import type { ApiProblem } from '../api.ts';
import { LISTED_ROWS } from '../bounds.ts';
import {
  curlBox,
  dataTable,
  emptyState,
  type Html,
  linkTo,
  localTime,
  mono,
  notice,
  problemNotice,
  section,
  smallLine,
  targetLink,
} from '../elements.ts';
import { choiceField, searchForm, submitButton, textField } from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { morePages } from '../listing.ts';
import { curlLineOfProfiles, parameterIn, type Visit } from '../visit.ts';
import { tryAddress, type View } from './view.ts';

/** The profiles of a target, page by page, as its list shows them. */
export const profilesPages: View = {
  pages: { '/console/targets/:target/profiles': showProfiles },
};

/** Returns the address of the list of a target. */
export function profilesAddress(target: string): string {
  return `/console/targets/${encodeURIComponent(target)}/profiles`;
}

type ListCapabilities = NonNullable<TargetDetailView['capabilities']['operations']['list']>;

async function showProfiles(visit: Visit): Promise<ConsolePage> {
  const target = visit.c.req.param('target') ?? '';
  const path = `/admin/targets/${encodeURIComponent(target)}`;
  const shown = await visit.api(path, overviewAnswers().target);
  const title = `Profiles of ${target}`;
  if (!shown.ok) {
    return { title, status: shown.problem.status, content: problemNotice(shown.problem) };
  }
  const { list } = shown.value.capabilities.operations;
  const page = { title, lead: html`${shown.value.vendor}, target ${targetLink(target)}` };
  if (list === undefined) {
    const advice = html`Its vendor, or its configuration, has no list. Read one profile at
      ${linkTo(tryAddress(`${target}:`), 'Try an id')}.`;
    return { ...page, content: emptyState('This target lists no profiles', advice) };
  }
  const filters = filtersIn(visit);
  const limit = Math.min(LISTED_ROWS, list.pageSizeMax);
  const query = { target, ...filters, limit: String(limit) };
  const answer = await visit.api('/profiles', successResponses().profileList, { query });
  const isFiltered = Object.keys(filters).some((name) => name !== 'cursor');
  const found = answer.ok
    ? html`${listNotes(completenessOf(list, filters), answer.value)}
      ${profileTable(answer.value, isFiltered)}
      ${morePages(visit, profilesAddress(target), answer.value.next, 'cursor')}`
    : refusedList(visit, target, answer.problem);
  return {
    ...page,
    ...(answer.ok ? {} : { status: answer.problem.status }),
    content: html`${section('Filter', listFilterForm(visit, target, list))}
      ${section('Profiles', found)}
      ${curlBox(curlLineOfProfiles(visit, query))}`,
  };
}

/** Every parameter of the address: the API says which of them the list does not know. */
function filtersIn({ query }: Visit): Record<string, string> {
  const own = ['target', 'limit'];
  const given = [...query].filter(([name, value]) => value.trim() !== '' && !own.includes(name));
  return Object.fromEntries(given);
}

function listFilterForm(visit: Visit, target: string, { filters }: ListCapabilities): Html {
  const address = profilesAddress(target);
  const fields = filters.map(({ enum: values, name }) => {
    const value = visit.query.get(name) ?? '';
    if (values === undefined) return textField({ name, label: name, value });
    const choices = ['', ...values].map((one) => ({ value: one, label: one || 'any' }));
    return choiceField(name, name, choices, value);
  });
  if (fields.length === 0)
    return html`<p class="muted">The list of this target has no filters.</p>`;
  return searchForm(
    address,
    html`${fields}
      <div class="buttons">${submitButton('Filter', 'plain')}
        ${linkTo(address, 'Clear')}
        <span class="muted">Whole values are compared, exactly.</span></div>`,
  );
}

/** A filter may make pages shift that do not without it. */
function completenessOf(
  { completeness, filters }: ListCapabilities,
  given: Readonly<Record<string, string>>,
): ListCapabilities['completeness'] {
  const ofFilters = filters.map((filter) => given[filter.name] && filter.completeness);
  return ofFilters.find((one) => one === 'shifting') ? 'shifting' : completeness;
}

type ListedPage = z.infer<ReturnType<typeof successResponses>['profileList']>;

/** Notes on the fields and profiles that the list lacks, and on pages that shift. */
function listNotes(
  completeness: ListCapabilities['completeness'],
  { next, omitted, truncated }: ListedPage,
): Html {
  const advice = 'The target has left out profiles that no page shows: only filters show the rest.';
  return html`${truncated === true ? notice('warn', 'The list is cut', html`<p>${advice}</p>`) : ''}
    ${
      omitted.length === 0
        ? ''
        : html`<p class="small muted">Left out of the list, and shown by reading a profile:
            <code>${omitted.join(', ')}</code>.</p>`
    }
    ${completeness === 'shifting' && next !== undefined ? SHIFTING_NOTE : ''}`;
}

const SHIFTING_NOTE = html`<p class="small muted">Its pages have numbers: while others are created
  or deleted, a profile may stand on two pages, or on none.</p>`;

function profileTable({ next, profiles }: ListedPage, isFiltered: boolean): Html {
  if (profiles.length === 0) {
    if (next !== undefined) {
      return emptyState('None on this page', 'Others may follow: go on with the next page.');
    }
    return isFiltered
      ? emptyState('No profile fits', 'Filters compare exactly: change them, or clear them.')
      : emptyState('The target has no profiles', 'Create one by POST /profiles, or at the vendor.');
  }
  const columns = ['Id', 'Name', 'Status', 'Updated'].map((label) => ({ label }));
  return dataTable('Profiles', columns, profiles.map(profileRow));
}

function profileRow(profile: JsonObject): (Html | string)[] {
  const [id = '', upstreamId = '', target] = ['id', 'upstreamId', 'target'].map((member) =>
    ownText(profile, member),
  );
  const updatedAt = ownText(profile, 'updatedAt');
  const linked = smallLine(html`linked to ${mono(upstreamId)}`);
  return [
    html`${linkTo(tryAddress(id), mono(id))}${id === `${target}:${upstreamId}` ? '' : linked}`,
    ownText(profile, 'name') ?? '–',
    ownText(profile, 'status') ?? '–',
    updatedAt === undefined ? '–' : localTime(updatedAt),
  ];
}

/** Shown in place of the list; a caller who sees operations need not be one who sees profiles. */
function refusedList(visit: Visit, target: string, problem: ApiProblem): Html {
  if (problem.code !== 'forbidden' && problem.code !== 'unauthenticated') {
    const isLater = parameterIn(visit, 'cursor') !== undefined;
    const pages = isLater ? morePages(visit, profilesAddress(target), undefined, 'cursor') : '';
    return html`${problemNotice(problem)}${pages}`;
  }
  const advice = html`Listing needs the scope <code>profiles:read</code>, at this target. Sign in as
    a caller who has it.`;
  return emptyState('You may not see profiles here', advice);
}
