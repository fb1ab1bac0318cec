import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { respond } from '../http/responses.ts';
import { badge, type Html } from './elements.ts';
import { actionForm } from './forms.ts';
import { mayAct, type Visit } from './visit.ts';

export const HTML_TYPE = 'text/html; charset=utf-8';

/** A page of the console. */
export type ConsolePage = {
  readonly title: string;
  /** One sentence under the title. */
  readonly lead?: unknown;
  readonly content: unknown;
  readonly status?: number;
  /** Subject of the live updates that change the page. */
  readonly live?: keyof typeof LIVE_ADDRESSES;
  /** True for a page with plots. */
  readonly hasPlots?: boolean;
};

/** An entry of the navigation. */
export type NavigationEntry = { readonly path: string; readonly label: string };

/** Renders a page for a visitor, within the navigation. */
export async function respondPage(
  visit: Visit,
  navigation: readonly NavigationEntry[],
  page: ConsolePage,
): Promise<Response> {
  const { c, cookies } = visit;
  const here = new URL(c.req.url).pathname;
  const isHere = (path: string): boolean =>
    path === '/console'
      ? here === path || here.startsWith('/console/targets')
      : here.startsWith(path);
  const items = navigation.map(({ label, path }) => {
    const current = isHere(path) ? html` aria-current="page"` : '';
    return html`<li><a href="${path}"${current}>${label}</a></li>`;
  });
  const body = html`<a class="skip" href="#content">Skip to content</a>
    <header class="top">
      <a class="brand" href="/console">${LOGO}<span>Profile gateway</span></a>
      <div class="who">${whoIsIt(visit)}</div>
    </header>
    <div class="frame">
      <nav aria-label="Console"><ul>${items}</ul></nav>
      <main id="content">${pageBody(page)}</main>
    </div>`;
  return await respondMarkup(c, page, body, cookies);
}

/** Renders a page outside the navigation, such as that for signing in. */
export function respondBarePage(
  c: Context,
  page: ConsolePage,
  cookies: readonly string[] = [],
): Promise<Response> {
  const body = html`<header class="top">
      <a class="brand" href="/console">${LOGO}<span>Profile gateway</span></a>
    </header>
    <main id="content" class="bare">${pageBody(page)}</main>`;
  return respondMarkup(c, page, body, cookies);
}

/** Sends the browser to another page of the console, and sets cookies. */
export function redirectTo(c: Context, path: string, cookies: readonly string[] = []): Response {
  const response = respond(c, 303, HTML_TYPE, '');
  response.headers.set('Location', path);
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}

const LIVE_ADDRESSES = { targets: '/console/live', matches: '/console/live?of=matches' } as const;

function pageBody({ content, lead, live, title }: ConsolePage): Html {
  return html`<div class="page-head">
      <div><h1>${title}</h1>${lead === undefined ? '' : html`<p class="lead">${lead}</p>`}</div>
      ${live ? html`<p class="live" data-live-status hidden>Live</p>` : ''}
    </div>
    ${content}`;
}

async function respondMarkup(
  c: Context,
  { hasPlots, live, status = 200, title }: ConsolePage,
  body: Html,
  cookies: readonly string[],
): Promise<Response> {
  const plots = html`<link rel="stylesheet" href="/console/assets/uplot.css">
    <script defer src="/console/assets/uplot.js"></script>`;
  const document = await html`${raw('<!doctype html>')}
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} – Profile gateway</title>
  <link rel="icon" href="/console/assets/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/console/assets/console.css">
  ${hasPlots ? plots : ''}
  <script defer src="/console/assets/console.js"></script>
</head>
<body${live ? html` data-live-source="${LIVE_ADDRESSES[live]}"` : ''}>
${body}
</body>
</html>`;
  const response = respond(c, status, HTML_TYPE, String(document));
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
  return response;
}

function whoIsIt(visit: Visit): Html {
  const { isSignedIn, session, who } = visit;
  const rights = mayAct(visit) ? badge('info', 'may act') : badge('quiet', 'read only');
  if (!isSignedIn) {
    return html`<span class="muted">Open on this machine</span>
      ${who.scopes.includes('profiles:write') ? '' : html`<a href="/console/sign-in">Sign in</a>`}`;
  }
  return html`<span class="who-name">${who.caller ?? 'caller'}</span>${rights}
    ${signOutForm(session.csrf)}`;
}

/** The form that ends the session. */
export function signOutForm(csrf: string): Html {
  return actionForm('/console/sign-out', csrf, SIGN_OUT);
}

const SIGN_OUT = html`<button class="button-small">Sign out</button>`;

/** Two lines that cross: what comes in by one way leaves by another. */
const LOGO = raw(
  '<svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">' +
    '<path d="M2 6h5l6 8h5M2 14h5l6-8h5" fill="none" stroke="currentColor" stroke-width="2" ' +
    'stroke-linecap="round" stroke-linejoin="round"/></svg>',
);
