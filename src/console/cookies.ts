import type { Context } from 'hono';
import { parse, serialize } from 'hono/utils/cookie';
import { isLoopbackHost } from '../config/loopback.ts';
import { COOKIE_CHARACTERS_MAX, COOKIE_PIECES_MAX } from './bounds.ts';

/** The path of the console, which its cookies are sent to. */
export const CONSOLE_PATH = '/console';

/** Returns the sealed session that a request carries; empty: it carries none. */
export function sealedIn(c: Context): string {
  const { findHeader } = c.get('state');
  const cookies = parse(findHeader('cookie') ?? '');
  const pieces = cookieNames(c).map((name) => cookies[name] ?? '');
  return pieces.join('');
}

/** Returns the values of `Set-Cookie` that store a sealed session; an empty one removes it. */
export function cookiesOf(c: Context, sealed: string, secondsLeft: number): readonly string[] {
  return cookieNames(c).map((name, i) => {
    const piece = sealed.slice(i * COOKIE_CHARACTERS_MAX, (i + 1) * COOKIE_CHARACTERS_MAX);
    return serialize(name, piece, {
      path: CONSOLE_PATH,
      httpOnly: true,
      sameSite: 'Strict',
      secure: !isLoopbackRequest(c),
      maxAge: piece === '' ? 0 : secondsLeft,
    });
  });
}

/** Reports whether a browser reaches the console by a name of this machine. */
export function isLoopbackRequest(c: Context): boolean {
  return isLoopbackHost(new URL(c.req.url).hostname);
}

/** Cookies ignore ports: without it a second gateway on this machine would end the session. */
function cookieNames(c: Context): string[] {
  const { port } = new URL(c.req.url);
  return Array.from({ length: COOKIE_PIECES_MAX }, (_, i) => `console-${port || 'web'}-${i}`);
}
