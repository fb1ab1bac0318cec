import { html } from 'hono/html';
import type * as z from 'zod/mini';
import type { successResponses } from '../../http/openapi/response-schemas.ts';
import type { ApiProblem } from '../api.ts';
import { badge, factList, type Html, notice, problemNotice, section } from '../elements.ts';

/** Shows the end of a patch that was not applied. */
export function failedPatch(problem: ApiProblem): Html {
  const { outcome, reason } = problem;
  const facts = factList([
    ['Outcome', badge(outcome === 'rejected' ? 'warn' : 'bad', outcome ?? 'rejected')],
    ...(reason === undefined ? [] : [['Reason', reason] as const]),
    ...(problem.applied === undefined ? [] : [['Applied', problem.applied.join(', ')] as const]),
    ...(problem.sent === undefined ? [] : [['Sent', problem.sent.join(', ')] as const]),
  ]);
  return html`${problemNotice(problem)}${outcome === undefined ? '' : section('Outcome', facts)}`;
}

/** Shows the end of a patch that succeeded, and the profile as it is now. */
export function appliedPatch(
  { profile, write }: z.infer<ReturnType<typeof successResponses>['write']>,
  headers: Headers,
): Html {
  const writeId = headers.get('x-write-id');
  const facts = factList([
    ['Outcome', badge(write.outcome === 'applied' ? 'good' : 'quiet', write.outcome)],
    ['Target', write.target],
    ['Evidence', write.evidence.replace('_', ' ')],
    ['Unconfirmed', write.unconfirmed.join(', ') || 'nothing'],
  ]);
  const title = write.outcome === 'applied' ? 'The patch is applied' : 'Nothing had to be written';
  return html`${notice(
    'good',
    title,
    writeId === null
      ? ''
      : html`<p><a
      href="/console/receipts/${writeId}">See its receipt</a></p>`,
  )}
    ${section('Outcome', facts)}
    ${
      profile === undefined
        ? ''
        : section(
            'Profile',
            html`<pre class="box" tabindex="0" role="region"
      aria-label="Profile"><code>${JSON.stringify(profile, undefined, 2)}</code></pre>`,
          )
    }`;
}
