import type { Context, MiddlewareHandler, Next } from 'hono';
import type { Scope } from '../auth/caller.ts';
import type { Ports } from '../ports.ts';
import type { Path } from './paths.ts';
import { startRequest } from './request-state.ts';
import { type FieldLabel, finishRequest } from './request-telemetry.ts';
import { respondInternalError } from './responses.ts';

/**
 * Lets a request pass, or answers it: a step on its way through a route, of which the last one
 * answers. A middleware of hono that hands nothing on but what it sets is one too.
 */
export type Handler = (
  c: Context,
  next: Next,
) => Response | undefined | ReturnType<MiddlewareHandler>;

/** The handler of requests to one path with these gates; undefined: to any. */
export type Serve = (
  path: Path | undefined,
  ...gates: readonly Handler[]
) => (c: Context) => Promise<Response>;

/** Adds a route with these gates for callers who have `scope`. */
export type AddRoute = (
  method: 'GET' | 'PATCH' | 'POST',
  path: Path,
  scope: Scope,
  ...gates: readonly Handler[]
) => void;

/**
 * Serves requests gate by gate, and tells of each when its answer is ready; an error of a gate is
 * an answer too. Hono's own chain takes two promises and a closure for each link, and 1 KiB.
 */
export function createServe(ports: Ports, fieldLabel: FieldLabel): Serve {
  return (path, ...gates) =>
    async function serve(c) {
      const state = startRequest(c, ports);
      c.set('state', state);
      let answer: Response | undefined;
      try {
        for (const gate of gates) {
          const said = gate(c, continueNext);
          answer = (said instanceof Promise ? await said : said) ?? undefined;
          if (answer !== undefined) break;
        }
        answer ??= respondInternalError(new Error('no gate of a route has answered'), c);
      } catch (error) {
        answer = respondInternalError(error, c);
      }
      if (!state.isForwarded) finishRequest(c, path, answer.status, ports, fieldLabel);
      return answer;
    };
}

const PASSED = Promise.resolve();

/** The `next` of a handler that is Hono middleware: the pipeline itself goes on. */
const continueNext: Next = () => PASSED;
