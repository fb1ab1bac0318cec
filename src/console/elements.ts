import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { ApiProblem } from './api.ts';

/** Escaped markup. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

/** A text with a tone, which live updates may replace. */
export type Cell = { readonly text: string; readonly tone?: Tone };

/** Writes a count with a space between thousands. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}

/** Shows a cell; with `live` the script replaces it by the cell of that name. */
export function cellOf({ text, tone }: Cell, live?: string): Html {
  const name = tone === undefined ? '' : `badge badge-${tone}`;
  const updated = live === undefined ? '' : html` data-live="${live}"`;
  return html`<span class="${name}"${updated}>${text}</span>`;
}

export function badge(tone: Tone, text: string): Html {
  return cellOf({ tone, text });
}

/** Shows what there is of a value; nothing where it is absent. */
export function shownIf<T>(value: T | undefined, show: (value: T) => Html): Html | string {
  return value === undefined ? '' : show(value);
}

export function linkTo(address: string, content: unknown): Html {
  return html`<a href="${address}">${content}</a>`;
}

export function targetLink(name: string): Html {
  const address = `/console/targets/${encodeURIComponent(name)}`;
  return html`<a class="line" href="${address}">${name}</a>`;
}

/** A second line of a cell. */
export function smallLine(content: unknown): Html {
  return html`<div class="small muted">${content}</div>`;
}

/** A text of several lines that is scrolled where it is long. */
export function textBox(label: string, text: string): Html {
  return html`<pre class="box" tabindex="0" role="region"
    aria-label="${label}"><code>${text}</code></pre>`;
}

/** A moment: in UTC, until the script shows it in the time zone of its reader. */
export function localTime(iso: string | undefined): Html {
  if (iso === undefined) return html`<span class="muted">unknown</span>`;
  const text = `${iso.slice(0, 19).replace('T', ' ')} UTC`;
  return html`<time datetime="${iso}" title="${iso}">${text}</time>`;
}

/** An id or another text that is copied as it stands. */
export function mono(text: string | undefined): Html {
  return text === undefined ? html`<span class="muted">–</span>` : html`<code>${text}</code>`;
}

export type Column = { readonly label: string; readonly isNumber?: boolean };

/** A table that becomes a list of cards where there is little room. */
export function dataTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Html | string | number)[])[],
): Html {
  const heads = columns.map(
    ({ isNumber, label }) =>
      html`<th scope="col" class="${isNumber ? 'number' : ''}">${label}</th>`,
  );
  const lines = rows.map((cells) => {
    const shown = cells.map((content, i) => {
      const { isNumber, label = '' } = columns[i] ?? {};
      const name = isNumber ? 'number' : '';
      if (i > 0) return html`<td data-label="${label}" class="${name}"><div>${content}</div></td>`;
      return html`<th scope="row" data-label="${label}"><div>${content}</div></th>`;
    });
    return html`<tr>${shown}</tr>`;
  });
  return html`<div class="table" role="region" aria-label="${caption}"><table>
    <caption class="hidden">${caption}</caption>
    <thead><tr>${heads}</tr></thead>
    <tbody>${lines}</tbody>
  </table></div>`;
}

/** Names and values, one pair each. */
export function factList(facts: readonly (readonly [string, Html | string | number])[]): Html {
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** A part of a page under a heading of its own. */
export function section(title: string, content: unknown, more: unknown = ''): Html {
  return html`<section class="card">
    <header class="card-head"><h2>${title}</h2>${more}</header>
    ${content}
  </section>`;
}

/** Shown in place of a list without entries: the reason, and what to do. */
export function emptyState(title: string, advice: unknown): Html {
  return html`<div class="empty"><p class="empty-title">${title}</p><p>${advice}</p></div>`;
}

/** A message above the content, such as the result of an action. */
export function notice(tone: Tone, title: string, content: unknown = ''): Html {
  const role = tone === 'bad' || tone === 'warn' ? 'alert' : 'status';
  return html`<div class="notice notice-${tone}" role="${role}" tabindex="-1" data-focus>
    <p class="notice-title">${title}</p>${content}
  </div>`;
}

/** A problem of the API with what its reader can do about it. */
export function problemNotice(problem: ApiProblem): Html {
  const { code, detail, errors = [], requestId, retryAfterSeconds, title, upstream } = problem;
  return notice(
    'bad',
    title,
    html`<p>${detail}</p>
    ${
      errors.length === 0
        ? ''
        : html`<ul>${errors.map(
            (error) => html`<li><code>${error.pointer}</code> ${error.detail}</li>`,
          )}</ul>`
    }
    ${shownIf(upstream?.message, (words) => html`<p>The vendor answered: <q>${words}</q></p>`)}
    ${shownIf(retryAfterSeconds, (seconds) => html`<p>Try again in ${seconds} s.</p>`)}
    <p class="small">${adviceFor(code)} Code <a href="/problems/${code}"><code>${code}</code></a>,
      request <code>${requestId}</code> in the log.</p>`,
  );
}

function adviceFor(code: ApiProblem['code']): string {
  return ADVICE[code] ?? '';
}

const ADVICE: Readonly<Partial<Record<ApiProblem['code'], string>>> = {
  forbidden: 'Sign in as a caller who has this right.',
  invalid_filter: 'Correct the filter and search again.',
  invalid_cursor: 'Begin with the first page again.',
  precondition_failed: 'The profile has changed: explain the patch again.',
  profile_in_doubt: 'See “In doubt” for the write that may still change it.',
  state_unavailable: 'Check the database of the state, then reload this page.',
  unauthenticated: 'Sign in first.',
  unknown_target: 'See “Overview” for the targets that are configured.',
};

/** A request of the API for a terminal, which can be copied. */
export function curlBox(line: string): Html {
  return html`<details class="curl">
    <summary>This page as a request of the API</summary>
    ${copyBox(line)}
  </details>`;
}

/** A text with a button that copies it. */
export function copyBox(text: string, label = 'text to copy'): Html {
  return html`<div class="copy-box" data-copy>
    <pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>
    <button type="button" class="button-small" hidden>Copy</button>
  </div>`;
}
