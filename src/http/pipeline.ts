import type { Context, Input, MiddlewareHandler, Next } from 'hono';
import type { Ports } from '../ports.ts';
import type { InFlight } from './in-flight.ts';
import type { Path } from './paths.ts';
import { startRequest } from './request-state.ts';
import { type FieldLabel, finishRequest } from './request-telemetry.ts';
import { respondInternalError } from './responses.ts';

/**
 * A step of a route: returns a response to end the request, or undefined to continue. The last step
 * must respond. Hono middleware that does nothing after `next()`, such as `zValidator`, fits too.
 */
export type Handler<I extends Input = Input> = (
  c: Context<object, string, I>,
  next: Next,
) => Response | undefined | ReturnType<MiddlewareHandler>;

/** Makes the Hono handler of a path from its steps in order; undefined: of every other path. */
export type Serve = (
  path: Path | undefined,
  ...steps: readonly Handler[]
) => (c: Context) => Response | Promise<Response>;

/**
 * Runs the steps of a route, turns an exception into a response, and records the request once its
 * response is ready. Hono's own chain costs 2.7 µs more per PATCH: docs/performance.md.
 */
export function createServe(ports: Ports, fieldLabel: FieldLabel, inFlight: InFlight): Serve {
  return (path, ...steps) => {
    const serve = async (c: Context): Promise<Response> => {
      const state = startRequest(c, ports);
      c.set('state', state);
      let response: Response | undefined;
      try {
        for (const step of steps) {
          const result = step(c, continueNext);
          response = (result instanceof Promise ? await result : result) ?? undefined;
          if (response !== undefined) break;
        }
        response ??= respondInternalError(new Error('no step of a route has responded'), c);
      } catch (error) {
        response = respondInternalError(error, c);
      }
      inFlight.end(state);
      if (!state.isForwarded) finishRequest(c, path, response.status, ports, fieldLabel);
      return response;
    };
    // The router matches a path with a slash at its end as if it had none.
    return (c) => (path !== undefined && c.req.path.endsWith('/') ? c.notFound() : serve(c));
  };
}

const PASSED = Promise.resolve();

/** The `next` of a step that is Hono middleware: the loop itself goes on. */
const continueNext: Next = () => PASSED;
