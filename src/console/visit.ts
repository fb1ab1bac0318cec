import type { Context } from 'hono';
import type * as z from 'zod/mini';
import { listenerOf } from '../http/middleware/entry.ts';
import type { CallerView } from '../http/routes/overview/caller.ts';
import { overviewAnswers } from '../http/routes/overview/schemas.ts';
import { type Api, type ApiProblem, type AskApi, openApi } from './api.ts';
import { ANONYMOUS_MS } from './bounds.ts';
import { cookiesOf, sealedIn } from './cookies.ts';
import { type ConsoleSession, newSession, type SessionSealer } from './session.ts';

/** One request for a page of the console, by somebody who may see it. */
export type Visit = {
  readonly c: Context;
  readonly api: Api;
  readonly session: ConsoleSession;
  /** The caller who has signed in; nobody where the console is open. */
  readonly who: CallerView;
  readonly isSignedIn: boolean;
  /** Parameters of the address. */
  readonly query: URLSearchParams;
  /** Cookies that the answer sets. */
  readonly cookies: readonly string[];
};

/** Parts of the console that its requests share. */
export type ConsoleParts = {
  readonly ask: AskApi;
  readonly sealer: () => Promise<SessionSealer>;
  readonly now: () => number;
};

export type VisitStart =
  | { readonly ok: true; readonly visit: Visit }
  | {
      readonly ok: false;
      readonly problem: ApiProblem;
      readonly session: ConsoleSession;
      readonly hadCredential: boolean;
    };

/** Reads the session of a request; one that has ended, or none, is replaced by a new one. */
export async function readSession(
  c: Context,
  { now, sealer }: Pick<ConsoleParts, 'sealer' | 'now'>,
): Promise<{ readonly session: ConsoleSession; readonly cookies: readonly string[] }> {
  const sealed = sealedIn(c);
  const sealing = await sealer();
  const found = sealed === '' ? undefined : await sealing.open(sealed);
  if (found !== undefined && found.endsAtMs > now()) return { session: found, cookies: [] };
  const session = newSession(now() + ANONYMOUS_MS);
  return { session, cookies: await cookiesFor(c, session, { now, sealer }) };
}

/** Returns the cookies that store a session. */
export async function cookiesFor(
  c: Context,
  session: ConsoleSession,
  { now, sealer }: Pick<ConsoleParts, 'sealer' | 'now'>,
): Promise<readonly string[]> {
  const sealed = await (await sealer()).seal(session);
  return cookiesOf(c, sealed, Math.ceil((session.endsAtMs - now()) / 1_000));
}

/** Starts a visit, unless the API does not let its caller see anything of operators. */
export async function startVisit(c: Context, parts: ConsoleParts): Promise<VisitStart> {
  const { cookies, session } = await readSession(c, parts);
  const { credential } = session;
  const api = openApi(c, parts.ask, credential);
  const who = await api('/admin/caller', overviewAnswers().caller);
  const isSignedIn = credential !== undefined;
  if (!who.ok) return { ok: false, problem: who.problem, session, hadCredential: isSignedIn };
  const query = new URL(c.req.url).searchParams;
  return { ok: true, visit: { c, api, session, who: who.value, isSignedIn, query, cookies } };
}

/** Reports whether the visitor may change what operators change. */
export function mayAct({ who }: Visit): boolean {
  return who.scopes.includes('admin');
}

/** Returns a parameter of the address; undefined where it is missing or empty. */
export function parameterIn({ query }: Visit, name: string): string | undefined {
  const value = query.get(name)?.trim();
  return value === '' ? undefined : (value ?? undefined);
}

/** Returns the named parameters of the address that are there. */
export function parametersIn(visit: Visit, names: readonly string[]): Record<string, string> {
  const found = names.flatMap((name): [string, string][] => {
    const value = parameterIn(visit, name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}

/** The line for a terminal that does as a page of the console did. */
export function curlLineOf(
  { c, who }: Pick<Visit, 'c' | 'who'>,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const url = new URL(path, c.req.url);
  url.search = new URLSearchParams(query).toString();
  const key = who.caller === undefined ? '' : '-H "Authorization: Bearer $ADMIN_KEY" ';
  return `curl ${key}'${url.href.replaceAll("'", '%27')}'`;
}

/** The line for a terminal that lists profiles, which another listener may serve. */
export function curlLineOfProfiles(
  visit: Pick<Visit, 'c' | 'who'>,
  query: Readonly<Record<string, string>>,
): string {
  const line = curlLineOf(visit, '/profiles', query);
  if (listenerOf(visit.c) === 'shared') return line;
  return line.replace(`'${new URL(visit.c.req.url).origin}`, `"$GATEWAY_URL"'`);
}

export type AnswerOf<S extends z.ZodMiniType> = z.infer<S>;
