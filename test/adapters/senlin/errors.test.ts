import { expect, test } from 'vitest';
import { senlinFault } from '../../../adapters/senlin/errors.ts';

const PROXY =
  '<html><body><h1>504 Gateway Time-out</h1>\nno server answered in time.</body></html>\n';
const typed = (type: string) => JSON.stringify({ error: { code: 500, type, message: 'text' } });

test.each([
  // The request may still wait in the queue between Senlin's API and its conductor.
  [500, typed('MessagingTimeout'), 'target_timeout', 'queued'],
  [504, PROXY, 'target_timeout', 'queued'],
  [504, '', 'target_timeout', 'queued'],
  [502, PROXY, 'target_unavailable', 'queued'],
  // No server took the request, or Senlin has finished with it.
  [503, PROXY, 'target_unavailable', 'possible'],
  [500, typed('DBError'), 'target_unavailable', 'possible'],
  [500, typed('InternalError'), 'target_unavailable', 'possible'],
  [400, typed('BadRequest'), 'rejected_by_target', 'none'],
])('%i %s is %s, %s', (status, body, code, effect) => {
  expect(senlinFault({ status, headers: {}, body })).toMatchObject({ code, effect });
});
