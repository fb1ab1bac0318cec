import type { Context, MiddlewareHandler, Next } from 'hono';

/**
 * Lets a request pass, or answers it: a step on its way through a route, of which the last one
 * answers. A middleware of hono that hands nothing on but what it sets is one too.
 */
export type Gate = (c: Context, next: Next) => Response | undefined | ReturnType<MiddlewareHandler>;

/** What the first of `gates` says that does not let the request pass. */
export async function answerOf(c: Context, gates: readonly Gate[]): Promise<Response> {
  for (const gate of gates) {
    const said = gate(c, passed);
    const answer = said instanceof Promise ? await said : said;
    if (answer instanceof Response) return answer;
  }
  throw new Error('no gate of a route has answered');
}

/** Gates follow each other here: hono's own chain takes two promises and a closure for each. */
const DONE = Promise.resolve();
const passed: Next = () => DONE;
