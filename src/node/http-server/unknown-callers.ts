import { ServerResponse } from 'node:http';

/**
 * Time for which the idle connection of somebody unknown is kept: long enough for the next request
 * of a page or a script, too short to gather connections.
 */
const KEEP_ALIVE_SECONDS = 5;

/**
 * Ends the connection of a request that was refused for want of a caller with its answer, and that
 * of another request of nobody soon after.
 */
export function releaseSoon(answer: Response, bindings: object): Response {
  if (answer.status === 401) {
    answer.headers.set('connection', 'close');
    return answer;
  }
  answer.headers.set('keep-alive', `timeout=${KEEP_ALIVE_SECONDS}`);
  const outgoing = 'outgoing' in bindings ? bindings.outgoing : undefined;
  if (!(outgoing instanceof ServerResponse)) return answer;
  const { socket } = outgoing;
  // Node sets its own time when the answer is out, by a listener that was there before.
  outgoing.once('finish', () => socket?.setTimeout(KEEP_ALIVE_SECONDS * 1_000));
  return answer;
}
