import type { Context, Hono } from 'hono';
import { HonoBase } from 'hono/hono-base';
import { html } from 'hono/html';
import { PatternRouter } from 'hono/router/pattern-router';
import type { BlankEnv, BlankSchema } from 'hono/types';
import { type Fault, ownFault } from '../adapter-kit/index.ts';
import { createInFlight } from '../http/in-flight.ts';
import { type CurrentGateway, enter } from '../http/middleware/entry.ts';
import { createServe, type Handler } from '../http/pipeline.ts';
import { addLogFields } from '../http/request-telemetry.ts';
import { emptyAnswer } from '../http/responses.ts';
import type { Ports } from '../ports.ts';
import type { AskApi } from './api.ts';
import { type ReadAsset, serveAsset } from './assets.ts';
import { FORM_BYTES_MAX } from './bounds.ts';
import { emptyState, notice, problemNotice } from './elements.ts';
import { redirectTo, respondBarePage, respondPage, signOutForm } from './layout.ts';
import { createLiveStreams, type LiveSources, type OpenLiveStream, respondLater } from './live.ts';
import { type FormPorts, readForm, refusedStatus } from './request-form.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { createSessionSealer, type SessionSealer } from './session.ts';
import { showSignIn, signIn, signInAddress, signOut } from './sign-in.ts';
import { consoleViews } from './views/index.ts';
import type { ViewAction } from './views/view.ts';
import { type ConsoleParts, startVisit, type Visit } from './visit.ts';

export type ConsoleOptions = {
  readonly ports: Ports;
  readonly gateway: CurrentGateway;
  /** Answers as the API of the same gateway. */
  readonly ask: AskApi;
  readonly readAsset: ReadAsset;
  /** Resolves with the secret that seals sessions; a change of it ends them all. */
  readonly sessionKey: () => string | Promise<string>;
  readonly live: LiveSources;
};

const ENTRIES = consoleViews.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));

/** Creates the pages below `/console`: each shows answers of the API to the one who looks. */
export function createConsole(options: ConsoleOptions): Hono {
  const { ask, gateway, live, ports, readAsset, sessionKey } = options;
  const { monotonicMs, now, readChunks } = ports;
  const app: Hono = new HonoBase<BlankEnv, BlankSchema, '/'>({ router: new PatternRouter() });
  const inFlight = createInFlight(monotonicMs);
  const forms: FormPorts = { readChunks, inFlight };
  const serve = createServe(ports, (pointer) => pointer, inFlight);
  const add = (method: 'GET' | 'POST', path: string, ...steps: readonly Handler[]): void => {
    app.on(method, path, serve(undefined, setSecurityHeaders, enter(gateway), ...steps));
  };
  const parts: ConsoleParts = { ask, now, sealer: cachedSealer(sessionKey) };
  const withVisit = (show: (visit: Visit) => Promise<Response>): Handler => {
    return async (c) => {
      const started = await startVisit(c, parts);
      if (started.ok) return await show(started.visit);
      const { hadCredential, problem, session } = started;
      addLogFields(c, { code: problem.code });
      if (problem.code === 'unauthenticated') return redirectTo(c, signInAddress(c, hadCredential));
      const content = html`${problemNotice(problem)}
        ${hadCredential ? signOutForm(session.csrf) : ''}`;
      return await respondBarePage(c, { title: problem.title, content, status: problem.status });
    };
  };

  add('GET', '/console/assets/:name', serveAsset(readAsset));
  add('GET', '/console/sign-in', showSignIn(parts));
  add('POST', '/console/sign-in', signIn(parts, forms));
  add('POST', '/console/sign-out', signOut(parts, forms));
  add('GET', '/console/live', showLive(parts, createLiveStreams(live, monotonicMs)));
  for (const { actions = [], pages } of consoleViews) {
    for (const [path, show] of Object.entries(pages)) {
      add(
        'GET',
        path,
        withVisit(async (visit) => respondPage(visit, ENTRIES, await show(visit))),
      );
    }
    for (const action of actions) {
      add(
        'POST',
        action.path,
        withVisit((visit) => act(visit, action, forms)),
      );
    }
  }
  const notFound = withVisit(async (visit) => {
    const content = emptyState('No such page', 'See the navigation for those that there are.');
    return respondPage(visit, ENTRIES, { title: 'Not found', content, status: 404 });
  });
  app.notFound(serve(undefined, setSecurityHeaders, enter(gateway), notFound));
  return app;
}

/** Runs an action whose form belongs to the session. */
async function act(
  visit: Visit,
  { bytesMax = FORM_BYTES_MAX, run, scope }: ViewAction,
  forms: FormPorts,
): Promise<Response> {
  const { c, isSignedIn, session, who } = visit;
  if (!who.scopes.includes(scope)) {
    const code = isSignedIn ? 'forbidden' : 'unauthenticated';
    const detail = `The form needs a caller with the scope ${scope}.`;
    return await refuseForm(visit, ownFault(code, detail));
  }
  const form = await readForm(c, session, bytesMax, forms);
  if (!form.ok) return await refuseForm(visit, form.fault);
  const result = await run(visit, form.value);
  if ('to' in result) return redirectTo(c, result.to, visit.cookies);
  return await respondPage(visit, ENTRIES, result);
}

async function refuseForm(visit: Visit, { code, detail }: Fault): Promise<Response> {
  addLogFields(visit.c, { code });
  const content = notice('bad', 'The form was refused', detail);
  const status = refusedStatus(code);
  return await respondPage(visit, ENTRIES, { title: 'Refused', content, status });
}

/** `GET /console/live`, for those who may see what operators see. */
function showLive(parts: ConsoleParts, openStream: OpenLiveStream): Handler {
  return async (c: Context) => {
    const started = await startVisit(c, parts);
    if (started.ok) return openStream(c, started.visit.session.csrf);
    const { code } = started.problem;
    addLogFields(c, { code });
    // An event source opens no other stream after the status 204 (HTML, section 9.2).
    const isFinal = code === 'unauthenticated' || code === 'forbidden';
    return isFinal ? emptyAnswer(c, 204) : respondLater(c);
  };
}

/** Makes a sealer once for each key. */
function cachedSealer(sessionKey: ConsoleOptions['sessionKey']): () => Promise<SessionSealer> {
  let made: { readonly key: string; readonly sealer: Promise<SessionSealer> } | undefined;
  return async () => {
    const key = await sessionKey();
    if (made?.key !== key) made = { key, sealer: createSessionSealer(key) };
    return await made.sealer;
  };
}
