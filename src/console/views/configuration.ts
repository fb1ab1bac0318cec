import { html } from 'hono/html';
import type * as z from 'zod/mini';
import type { JsonObject } from '../../adapter-kit/index.ts';
import { adminAnswers } from '../../http/openapi/admin-schemas.ts';
import {
  curlBox,
  dataTable,
  factList,
  type Html,
  localTime,
  mono,
  notice,
  problemNotice,
  section,
  textBox,
} from '../elements.ts';
import type { ConsolePage } from '../layout.ts';
import { curlLineOf, type Visit } from '../visit.ts';
import type { View } from './view.ts';

/** The configuration in force, and the last reload that was rejected. */
export const configurationPages: View = {
  entry: { path: '/console/configuration', label: 'Configuration' },
  pages: { '/console/configuration': showConfigurationPage },
};

async function showConfigurationPage(visit: Visit): Promise<ConsolePage> {
  const answer = await visit.api('/admin/config', adminAnswers().configuration);
  const page = {
    title: 'Configuration',
    lead: html`What is in force. Each secret stands there as <code>«secret:path»</code>.`,
  };
  if (!answer.ok) return { ...page, content: problemNotice(answer.problem) };
  const { configuration, loadedAt, rejectedReload, version } = answer.value;
  const members = Object.entries(configuration);
  const plain = members.flatMap(([name, part]) =>
    typeof part === 'object' ? [] : [[name, mono(String(part))] as const],
  );
  const parts = members.flatMap(([name, part]) =>
    typeof part !== 'object'
      ? []
      : [
          html`<details class="part" open><summary><code>${name}</code></summary>
      ${textBox(name, JSON.stringify(part, undefined, 2))}
    </details>`,
        ],
  );
  return {
    ...page,
    content: html`${rejectedPart(rejectedReload)}
      ${section(
        'In force',
        factList([['Hash of it', mono(version)], ['Loaded', localTime(loadedAt)], ...plain]),
      )}
      ${section('Document', html`${parts}`, countsOf(configuration))}
      ${curlBox(curlLineOf(visit, '/admin/config'))}`,
  };
}

function countsOf({ callers, targets }: JsonObject): Html {
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  const text = `${count(targets)} targets, ${count(callers)} callers`;
  return html`<span class="muted small">${text}</span>`;
}

function rejectedPart(
  rejected: z.infer<ReturnType<typeof adminAnswers>['configuration']>['rejectedReload'],
): Html | string {
  if (rejected === undefined) return '';
  const columns = ['Place', 'Problem'].map((label) => ({ label }));
  const rows = rejected.problems.map(({ message, path }) => [mono(path || 'document'), message]);
  return notice(
    'warn',
    'The last reload was rejected',
    html`<p>At ${localTime(rejected.at)}; the version below serves on. Correct these, and the
      files are read again.</p>
      ${dataTable('Problems of the rejected reload', columns, rows)}`,
  );
}
