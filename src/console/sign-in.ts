import type { Context } from 'hono';
import { html } from 'hono/html';
import { bearerKey } from '../auth/caller-registry.ts';
import { addLogFields } from '../http/request-telemetry.ts';
import { overviewAnswers } from '../http/routes/overview/schemas.ts';
import { type ApiProblem, openApi } from './api.ts';
import { CREDENTIAL_CHARACTERS_MAX, SIGN_IN_FORM_BYTES_MAX, SIGNED_IN_MS } from './bounds.ts';
import { cookiesOf } from './cookies.ts';
import { type Html, notice } from './elements.ts';
import { actionForm, type FieldOptions, hiddenField, submitButton, textField } from './forms.ts';
import { redirectTo, respondBarePage } from './layout.ts';
import { type FormPorts, readForm, refusedStatus } from './request-form.ts';
import { newSession } from './session.ts';
import { type ConsoleParts, cookiesFor, readSession } from './visit.ts';

/** `GET /console/sign-in`. */
export function showSignIn(parts: ConsoleParts) {
  return async (c: Context): Promise<Response> => {
    const { cookies, session } = await readSession(c, parts);
    const { searchParams } = new URL(c.req.url);
    const hasEnded = searchParams.has('ended')
      ? notice('warn', 'Your session has ended', html`<p>Sign in again to go on.</p>`)
      : '';
    const hasLeft = searchParams.has('left') ? notice('good', 'You have signed out') : '';
    const next = safeNext(searchParams.get('next'));
    const content = signInForm(session.csrf, next, html`${hasEnded}${hasLeft}`);
    return await respondBarePage(c, { title: 'Sign in', content }, cookies);
  };
}

/** `POST /console/sign-in`: the key or token must be one of a caller who may see operations. */
export function signIn(parts: ConsoleParts, forms: FormPorts) {
  return async (c: Context): Promise<Response> => {
    const { cookies, session } = await readSession(c, parts);
    const form = await readForm(c, session, SIGN_IN_FORM_BYTES_MAX, forms);
    if (!form.ok) {
      const { code, detail } = form.fault;
      addLogFields(c, { code });
      const said = notice('bad', 'The form was refused', html`<p>${detail}</p>`);
      const status = refusedStatus(code);
      return await refusedForm(c, cookies, status, signInForm(session.csrf, '/console', said));
    }
    const next = safeNext(form.value.get('next'));
    const key = form.value.get('key')?.trim() ?? '';
    const credential = bearerKey(`Bearer ${key}`);
    const refuse = (
      problem?: ApiProblem,
      reason: string = signInReason(problem),
    ): Promise<Response> => {
      if (problem !== undefined) addLogFields(c, { code: problem.code });
      const said = notice('bad', 'You are not signed in', html`<p>${reason}</p>`);
      return refusedForm(c, cookies, problem?.status ?? 401, signInForm(session.csrf, next, said));
    };
    if (JSON.stringify(key).length > CREDENTIAL_CHARACTERS_MAX) {
      return await refuse(undefined, 'This key or token is too long for a session.');
    }
    if (credential === undefined) return await refuse();
    const who = await openApi(c, parts.ask, credential)('/admin/caller', overviewAnswers().caller);
    if (!who.ok) return await refuse(who.problem);
    // Without callers nobody has to sign in, and any key would do.
    if (who.value.caller === undefined) return redirectTo(c, next, cookies);
    const signedIn = newSession(parts.now() + SIGNED_IN_MS, credential);
    return redirectTo(c, next, await cookiesFor(c, signedIn, parts));
  };
}

/** `POST /console/sign-out`. */
export function signOut(parts: ConsoleParts, forms: FormPorts) {
  return async (c: Context): Promise<Response> => {
    const { session } = await readSession(c, parts);
    const form = await readForm(c, session, SIGN_IN_FORM_BYTES_MAX, forms);
    if (!form.ok) return redirectTo(c, '/console');
    return redirectTo(c, '/console/sign-in?left', cookiesOf(c, '', 0));
  };
}

/** Returns the address of the sign-in that leads back to the page of a request. */
export function signInAddress(c: Context, hadCredential: boolean): string {
  const { pathname, search } = new URL(c.req.url);
  const next = c.req.method === 'GET' ? pathname + search : '/console';
  const query = new URLSearchParams({ ...(hadCredential ? { ended: '' } : {}), next });
  return `/console/sign-in?${query}`;
}

function refusedForm(
  c: Context,
  cookies: readonly string[],
  status: number,
  content: Html,
): Promise<Response> {
  return respondBarePage(c, { title: 'Sign in', content, status }, cookies);
}

function signInReason(problem: ApiProblem | undefined): string {
  if (problem?.code === 'forbidden') {
    return 'This caller has neither the scope admin:read nor admin.';
  }
  if (problem === undefined || problem.code === 'unauthenticated') {
    return 'No caller has this key or token, or the token has expired.';
  }
  return problem.detail;
}

const KEY_FIELD: FieldOptions = {
  name: 'key',
  label: 'Key or token',
  type: 'password',
  isRequired: true,
  autocomplete: 'current-password',
};

function signInForm(csrf: string, next: string, said: unknown): Html {
  return html`<div class="sign-in">
    ${said}
    <p>The console shows and does what the API allows a caller. Sign in with the key or token of a
      caller who has the scope <code>admin</code>, or <code>admin:read</code> to look only.</p>
    ${actionForm(
      '/console/sign-in',
      csrf,
      html`${hiddenField('next', next)}
        ${textField(KEY_FIELD)}
        ${submitButton('Sign in')}`,
      'stack',
    )}
  </div>`;
}

/** Only pages of the console: an address from elsewhere would lead its reader astray. */
function safeNext(next: string | null): string {
  const isOurs = next !== null && /^\/console(?:[/?][!-[\]-~]*)?$/.test(next);
  return isOurs && !next.includes('..') ? next : '/console';
}
