import type { Hono } from 'hono';
import { HonoBase } from 'hono/hono-base';
import { PatternRouter } from 'hono/router/pattern-router';
import type { BlankEnv, BlankSchema } from 'hono/types';
import type { Adapter } from '../adapter-kit/index.ts';
import type { Scope } from '../auth/caller.ts';
import { createRateLimiter } from '../auth/rate-limiter.ts';
import { LINK_IMPORT_BYTES_MAX } from '../limits.ts';
import { MATCH_BODY_BYTES_MAX } from '../matching/match-limits.ts';
import type { Ports } from '../ports.ts';
import { fieldLabels } from '../telemetry/metrics.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import { requireScope } from './middleware/authenticate.ts';
import { type CurrentGateway, enter } from './middleware/entry.ts';
import { forwardCreate } from './middleware/forward-create.ts';
import { forwardToKeeper } from './middleware/forward-to-keeper.ts';
import { forwardToWriter } from './middleware/forward-to-writer.ts';
import { validIdempotencyKey } from './middleware/idempotency-key.ts';
import { countedBody, validNewProfile, validPatch } from './middleware/patch-body.ts';
import {
  validDeleteHeaders,
  validExplainQuery,
  validId,
  validReadHeaders,
  validWriteHeaders,
} from './middleware/profile-request.ts';
import { openApiRoute } from './openapi/document.ts';
import type { Path } from './paths.ts';
import { createServe, type Handler } from './pipeline.ts';
import { jsonText, respondInternalError } from './responses.ts';
import * as admin from './routes/admin.ts';
import { listCapabilities, showCapabilities } from './routes/capabilities.ts';
import { createNewProfile } from './routes/create/create.ts';
import { explainNewProfile } from './routes/create/explain.ts';
import { removeProfileRoute } from './routes/delete-profile.ts';
import { explainPatch } from './routes/explain.ts';
import { liftInDoubt, listInDoubt } from './routes/in-doubt/in-doubt.ts';
import { withoutLinks } from './routes/links/without-links.ts';
import { listTarget } from './routes/listing/list-profiles.ts';
import { withoutMatches } from './routes/matches/without-matches.ts';
import { showMetrics } from './routes/metrics.ts';
import { showCaller } from './routes/overview/caller.ts';
import { listRules } from './routes/overview/rules.ts';
import { showStats } from './routes/overview/stats.ts';
import { showTarget } from './routes/overview/target-detail.ts';
import { problemTypeRoute } from './routes/problems.ts';
import { getProfile, updateProfile } from './routes/profiles.ts';
import { listReceipts, showReceipt } from './routes/receipts.ts';
import { unmatched } from './routes/unmatched.ts';

export type AppOptions = {
  readonly adapters: readonly Adapter[];
  readonly ports: Ports;
  readonly gateway: CurrentGateway;
  readonly process?: admin.Process;
};

/** Creates the whole HTTP interface over the given ports; the same on every runtime. */
export function createApp({ adapters, gateway, ports, process = {} }: AppOptions): Hono {
  const { handOver, isBehindFront, meter, monotonicMs, now, send, waitUntil } = ports;
  const app: Hono = new HonoBase<BlankEnv, BlankSchema, '/'>({ router: new PatternRouter() });
  const inFlight = createInFlight(monotonicMs);
  const serve = createServe(ports, fieldLabels(adapters), inFlight);
  const route: AddRoute = (method, path, ...steps) => {
    app.on(method, path, serve(path, ...steps));
  };

  const admit = isBehindFront === true ? undefined : createRateLimiter(monotonicMs);
  const entry = enter(gateway);
  const { liveReplicas } = process;
  const access = { now, monotonicMs, send, waitUntil, admit, inFlight, liveReplicas };
  const needs = (scope: Scope): Handler => requireScope(scope, access);
  const reader = [entry, needs('profiles:read')];
  const writer = [entry, needs('profiles:write')];
  const observer = [entry, needs('admin:read')];
  const operator = [entry, needs('admin')];
  const forward = (purpose: 'write' | 'explanation') =>
    handOver === undefined ? [] : [forwardToWriter(handOver, purpose)];
  const patch = validPatch(adapters, ports.readChunks, inFlight);
  const newProfile = validNewProfile(adapters, ports.readChunks, inFlight);

  route('GET', '/profiles', ...reader, listTarget(ports));
  routeCreates(route, [entry, needs('profiles:create')], newProfile, { ports, gateway });
  route('GET', '/profiles/:id', ...reader, validId, validReadHeaders, getProfile(ports));
  route(
    'PATCH',
    '/profiles/:id',
    ...writer,
    validId,
    ...forward('write'),
    validIdempotencyKey,
    validWriteHeaders,
    patch,
    updateProfile(ports),
  );
  route(
    'POST',
    '/profiles/:id/explain',
    ...writer,
    validId,
    ...forward('explanation'),
    validWriteHeaders,
    patch,
    validExplainQuery,
    explainPatch(ports),
  );
  route('GET', '/capabilities', ...reader, listCapabilities(ports, process));
  route('GET', '/capabilities/:target', ...reader, showCapabilities);

  const deletes = [entry, needs('profiles:delete'), validId, ...forward('write')];
  route('DELETE', '/profiles/:id', ...deletes, validDeleteHeaders, removeProfileRoute(ports));
  routeOperators(route, { observer, operator, inFlight }, process, ports);
  if (meter !== undefined) route('GET', '/metrics', ...observer, showMetrics(meter, process));

  route('GET', '/readyz', entry, admin.readyz(process));
  route('GET', '/healthz', (c) => jsonText(c, { status: 'ok' }));
  route('GET', '/openapi.json', openApiRoute(adapters));
  route('GET', '/problems/:code', problemTypeRoute);

  const { docs } = process;
  if (docs !== undefined) app.on('GET', ['/docs', '/docs/:file'], serve(undefined, docs));

  app.notFound(serve(undefined, entry, unmatched(meter !== undefined)));
  app.onError(respondInternalError);
  return app;
}

type Method = 'GET' | 'PATCH' | 'POST' | 'PUT' | 'DELETE';
type AddRoute = (method: Method, path: Path, ...steps: Handler[]) => void;

/** Adds the routes of new profiles; `newProfile` reads their bodies. */
function routeCreates(
  route: AddRoute,
  creator: readonly Handler[],
  newProfile: Handler,
  { gateway, ports }: Pick<AppOptions, 'gateway' | 'ports'>,
): void {
  const { handOver } = ports;
  // Where creates are forwarded, their bodies are read before that.
  const received =
    handOver === undefined ? newProfile : forwardCreate({ ...ports, handOver }, newProfile);
  route(
    'POST',
    '/profiles',
    ...creator,
    validIdempotencyKey,
    validWriteHeaders,
    received,
    createNewProfile(ports, gateway),
  );
  route(
    'POST',
    '/profiles/explain',
    ...creator,
    validWriteHeaders,
    newProfile,
    explainNewProfile(ports),
  );
}

/** The first steps of each route of operators, and what counts the bodies of large ones. */
type OperatorSteps = Readonly<Record<'observer' | 'operator', readonly Handler[]>> & {
  readonly inFlight: InFlight;
};

/** Adds the routes of operators. */
function routeOperators(
  route: AddRoute,
  { inFlight, observer, operator }: OperatorSteps,
  process: admin.Process,
  ports: Ports,
): void {
  const { byId, byProfile } = forwardToKeeper(process.isKeptByProfile === true && ports.handOver);
  const asked = [...observer, ...byProfile];
  const lifter = [...operator, validId, ...byId];
  route('GET', '/admin/targets', ...observer, admin.listTargets(process));
  route('GET', '/admin/targets/:target', ...observer, showTarget(process));
  route('POST', '/admin/targets/:target/drain', ...operator, admin.drainTarget(ports, process));
  route('POST', '/admin/targets/:target/undrain', ...operator, admin.undrainTarget(ports, process));
  route('GET', '/admin/routes', ...observer, listRules);
  route('GET', '/admin/stats', ...observer, showStats(process, ports.now));
  route('GET', '/admin/caller', ...observer, showCaller);
  route('GET', '/admin/config', ...observer, admin.showConfiguration(process));
  route('GET', '/admin/replicas', ...observer, admin.listReplicas(process));
  route('GET', '/admin/receipts', ...asked, listReceipts(process));
  route('GET', '/admin/receipts/:writeId', ...asked, showReceipt(process));
  route('GET', '/admin/in-doubt', ...asked, listInDoubt(process, ports));
  route('DELETE', '/admin/in-doubt/:id', ...lifter, liftInDoubt(process, ports));
  const links = process.linkRoutes?.(process, ports) ?? withoutLinks(process);
  route('GET', '/admin/links', ...observer, links.list);
  const decider = [...operator, countedBody(inFlight, MATCH_BODY_BYTES_MAX)];
  const importer = [...operator, countedBody(inFlight, LINK_IMPORT_BYTES_MAX)];
  route('POST', '/admin/links', ...importer, links.import);
  route('GET', '/admin/links/:id', ...observer, validId, links.show);
  route('PUT', '/admin/links/:id', ...operator, validId, links.set);
  route('DELETE', '/admin/links/:id', ...operator, validId, links.remove);
  const matches = process.matchRoutes?.(process, ports) ?? withoutMatches(process);
  route('GET', '/admin/matches', ...observer, matches.list);
  route('POST', '/admin/matches', ...decider, validIdempotencyKey, matches.start);
  route('GET', '/admin/matches/:id', ...observer, matches.show);
  route('POST', '/admin/matches/:id/confirm', ...decider, matches.confirm);
  route('POST', '/admin/matches/:id/refuse', ...decider, matches.refuse);
  route('POST', '/admin/matches/:id/resume', ...operator, matches.resume);
  route('POST', '/admin/matches/:id/stop', ...operator, matches.stop);
}
