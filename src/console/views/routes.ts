import { html } from 'hono/html';
import type * as z from 'zod/mini';
import { isList, isObject, type Json, type JsonObject } from '../../adapter-kit/index.ts';
import { RESOLVED_IDS_MAX } from '../../http/routes/overview/rules.ts';
import { overviewAnswers } from '../../http/routes/overview/schemas.ts';
import {
  badge,
  curlBox,
  dataTable,
  emptyState,
  type Html,
  linkTo,
  mono,
  problemNotice,
  section,
  smallLine,
  targetLink,
} from '../elements.ts';
import { areaField, searchForm, submitButton, textField } from '../forms.ts';
import type { ConsolePage } from '../layout.ts';
import { curlLineOf, parameterIn, parametersIn, type Visit } from '../visit.ts';
import type { View } from './view.ts';

/** Rules in their order, and the targets of pasted ids. */
export const routesPages: View = {
  entry: { path: '/console/routes', label: 'Routes' },
  pages: { '/console/routes': showRoutes },
};

async function showRoutes(visit: Visit): Promise<ConsolePage> {
  const query = parametersIn(visit, ['ids', 'caller', 'headers']);
  const asked = await visit.api('/admin/routes', overviewAnswers().rules, { query });
  const answer = asked.ok ? asked : await visit.api('/admin/routes', overviewAnswers().rules);
  const form = section('Where do ids go?', resolveForm(visit));
  const content = answer.ok
    ? html`${asked.ok ? '' : problemNotice(asked.problem)}
      ${form}
      ${resolvedPart(answer.value.resolved)}
      ${section('Rules', ruleTable(answer.value.rules))}
      ${curlBox(curlLineOf(visit, '/admin/routes', query))}`
    : problemNotice(answer.problem);
  return {
    title: 'Routes',
    lead: 'The first rule whose conditions all hold decides. An id with a “:” names its target.',
    content,
  };
}

function resolveForm(visit: Visit): Html {
  return searchForm(
    '/console/routes',
    html`${areaField({
      name: 'ids',
      label: 'Ids, one per line',
      value: parameterIn(visit, 'ids'),
      rows: 5,
      isRequired: true,
      hint: `Up to ${RESOLVED_IDS_MAX}.`,
    })}
    ${textField({
      name: 'caller',
      label: 'Caller (optional)',
      value: parameterIn(visit, 'caller'),
    })}
    ${areaField({
      name: 'headers',
      label: 'Headers (optional)',
      value: parameterIn(visit, 'headers'),
      rows: 1,
      isNarrow: true,
      placeholder: 'X-Tenant: blue',
    })}
    <div class="buttons">${submitButton('Resolve', 'plain')}</div>`,
  );
}

type Rules = z.infer<ReturnType<typeof overviewAnswers>['rules']>;

function resolvedPart(resolved: Rules['resolved']): Html | string {
  if (resolved === undefined) return '';
  const columns = ['Id', 'Target', 'Upstream id', 'Decided by'].map((label) => ({ label }));
  const rows = resolved.map(({ code, detail, id, rule, target, upstreamId }) => {
    const tried = linkTo(`/console/try?${new URLSearchParams({ id })}`, mono(id));
    if (target === undefined) return [tried, badge('bad', code ?? 'none'), detail ?? '', '–'];
    return [
      tried,
      targetLink(target),
      mono(upstreamId),
      rule === undefined ? 'the id itself' : ruleLink(rule),
    ];
  });
  return section('Targets of these ids', dataTable('Targets of these ids', columns, rows));
}

function ruleLink(rule: string): Html {
  return html`<a href="#${rule}"><code>${rule}</code></a>`;
}

function ruleTable(rules: Rules['rules']): Html {
  if (rules.length === 0) {
    return emptyState(
      'No rules',
      html`Only ids such as <code>target:upstreamId</code> work. Add
      <code>routes</code> to the configuration to lead other ids.`,
    );
  }
  const columns = ['Rule', 'Conditions', 'Leads to', 'If that cannot serve'].map((label) => ({
    label,
  }));
  const rows = rules.map(({ rule, settings, unreachableBehind }) => [
    html`<code id="${rule}">${rule}</code>${
      unreachableBehind === undefined
        ? ''
        : html` ${badge('warn', 'never used')}
            ${smallLine(html`${ruleLink(unreachableBehind)} takes all that it could`)}`
    }`,
    ruleConditions(settings),
    ruleTargets(settings),
    fallbackOf(settings),
  ]);
  return dataTable('Rules', columns, rows);
}

function ruleConditions({ match }: JsonObject): Html {
  const conditions = objectIn(match);
  if (Object.keys(conditions).length === 0) return html`<span class="muted">any id</span>`;
  const { header, ...others } = conditions;
  const headers = Object.entries(objectIn(header));
  const all = [
    ...Object.entries(others),
    ...headers.map(([name, text]) => [`header ${name}`, text] as const),
  ];
  return html`<ul class="plain">${all.map(
    ([name, text]) => html`<li>${name} <code>${plainText(text)}</code></li>`,
  )}</ul>`;
}

function ruleTargets({ handling, split, to }: JsonObject): Html {
  const strict =
    handling === undefined ? '' : html` ${badge('quiet', `${plainText(handling)} only`)}`;
  if (!isList(split)) return html`${targetNamed(to)}${strict}`;
  return html`<ul class="plain">${split.map((item) => {
    const { to: name, weight } = objectIn(item);
    const share = html`<span class="muted">weight ${plainText(weight)}</span>`;
    return html`<li>${targetNamed(name)} ${share}</li>`;
  })}</ul>${strict}`;
}

function fallbackOf({ fallback }: JsonObject): Html {
  if (!isList(fallback)) return html`<span class="muted">–</span>`;
  return html`${fallback.map((name, i) => html`${i === 0 ? '' : ', '}${targetNamed(name)}`)}`;
}

function targetNamed(name: Json | undefined): Html {
  return targetLink(plainText(name));
}

function objectIn(value: Json | undefined): JsonObject {
  const nothing: JsonObject = {};
  return isObject(value) ? value : nothing;
}

function plainText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
