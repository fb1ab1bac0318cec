import type { Context, MiddlewareHandler, Next } from 'hono';

/**
 * Lets a request pass, or answers it: a step on its way through a route, of which the last one
 * answers. A middleware of hono that hands nothing on but what it sets is one too.
 */
export type Gate = (c: Context, next: Next) => Response | undefined | ReturnType<MiddlewareHandler>;

const PASSED = Promise.resolve();

/** What a gate that is a middleware calls last: what follows is not its to call. */
export const passed: Next = () => PASSED;
