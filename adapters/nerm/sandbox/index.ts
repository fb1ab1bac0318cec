import { type Context, Hono } from 'hono';
import { parsePlain } from '../../../src/adapter-kit/exact-json.ts';
import { decodeUtf8, readBody } from '../../sandbox-kit/request-body.ts';
import type { Sandbox, SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import { unkindFetch } from '../../sandbox-kit/unkind.ts';
import { createAccess, SANDBOX_API_KEY } from './access.ts';
import { showAttributes } from './attributes.ts';
import { listProfiles } from './list.ts';
import { applyPatch, readNewProfile } from './patch.ts';
import { SEEDED_IDS } from './seeds.ts';
import { createProfileStore, type ProfileStore, type StoredProfile } from './store.ts';

/** The sandbox's own bound; SailPoint publishes none. */
export const BODY_BYTES_MAX = 1_048_576;

/** Singular, unlike that of the list. [N1] */
const CREATE_PATH = '/api/profile';
const LIST_PATH = '/api/profiles';
const PROFILE_PATH = '/api/profiles/:id';
const TOKEN_PATH = '/oauth/token';

/**
 * A stand-in for SailPoint NERM: one profile by id, read and patched, and the token endpoint of
 * the identity cloud in front of it. Source tags such as [N10] are listed in README.md; `[I]` marks
 * a reading of our own where the documents are silent.
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const store = createProfileStore(options.now, options.unkind);
  const app = createApp(options, store);
  return {
    fetch: unkindFetch(options.unkind, (request) => app.fetch(request)),
    demo: {
      target: 'nerm-demo',
      configuration: (origin) => ({
        vendor: 'nerm',
        baseUrl: `${origin}${options.basePath}/api`,
        auth: { method: 'token', token: SANDBOX_API_KEY, scheme: 'Bearer' },
      }),
      id: SEEDED_IDS.plain,
      patch: { status: 'on_leave', attributes: { cost_centre: '4711' } },
    },
    stored: (id) => store.copy(id),
    ids: () => store.listed().map(({ id }) => id),
    outsideWrite: (id, change) => store.outsideWrite(id, change),
    outsideRemove: store.remove,
    seed: (id, resource) => store.seed(id, resource),
    journal: () => store.journal(),
  };
}

/** The variables of a request. */
type SandboxEnv = { Variables: { body: Uint8Array } };

function createApp(options: SandboxOptions, store: ProfileStore): Hono<SandboxEnv> {
  const access = createAccess(options.now);
  const app = new Hono<SandboxEnv>().basePath(options.basePath);
  app.use(async (c, next) => {
    const { bytes, isTooLarge } = await readBody(c.req.raw, BODY_BYTES_MAX);
    if (isTooLarge) return c.body(null, 413);
    c.set('body', bytes);
    return await next();
  });
  // A path that is not served is answered before credentials are looked at, and not as JSON,
  // as a Rails application does; no document describes it. [I]
  app.notFound((c) => c.html('<!DOCTYPE html><title>Page not found (404)</title>', 404));

  app.post(TOKEN_PATH, (c) => {
    const contentType = c.req.header('content-type');
    const grant = access.grant(contentType, new TextDecoder().decode(c.get('body')));
    return c.json(grant.body, grant.status, { 'Cache-Control': 'no-store' });
  });
  app.all(TOKEN_PATH, (c) => c.body(null, 405, { Allow: 'POST' }));

  app.on(
    ['GET', 'PATCH', 'DELETE', 'POST'],
    [CREATE_PATH, LIST_PATH, PROFILE_PATH],
    async (c, next) => {
      if (access.accepts(c.req.header('authorization'))) return next();
      // That a bad key is 401 is seen in clients [N11]; the body is documented nowhere. Plain text
      // is the stock answer of Rails' token authentication. [I]
      return c.text('HTTP Token: Access denied.\n', 401, {
        'WWW-Authenticate': 'Token realm="Application"',
      });
    },
  );
  app.get(PROFILE_PATH, (c) => {
    const profile = store.visible(c.req.param('id'));
    return profile === undefined ? profileNotFound(c) : c.json(wrapped(profile, store));
  });
  app.patch(PROFILE_PATH, (c) => patchProfile(c, c.req.param('id'), store));
  // 204 and no restore; an archived profile counts as not found, as for the other calls. [N1] [I]
  app.delete(PROFILE_PATH, (c) => {
    const profile = store.visible(c.req.param('id'));
    if (profile === undefined) return profileNotFound(c);
    store.remove(profile.id);
    return c.body(null, 204);
  });
  app.all(PROFILE_PATH, (c) => c.body(null, 405, { Allow: 'DELETE, GET, PATCH' }));
  app.post(CREATE_PATH, (c) => createProfile(c, store));
  app.all(CREATE_PATH, (c) => c.body(null, 405, { Allow: 'POST' }));
  app.get(LIST_PATH, (c) => {
    const listed = listProfiles(new URL(c.req.url).searchParams, store.listed());
    if ('refusal' in listed) return c.json({ error: listed.refusal }, 400);
    const { isByAfterId } = listed;
    const profiles = listed.profiles.map((profile) => {
      const shown = wrapped(profile, store).profile;
      return isByAfterId ? { ...shown, archived: profile.archived } : shown;
    });
    return c.json({ profiles });
  });
  return app;
}

function patchProfile(c: Context<SandboxEnv>, id: string, store: ProfileStore): Response {
  const body = readBodyOf(c);
  if (body instanceof Response) return body;
  // With no await until the write: a PATCH is atomic.
  const current = store.visible(id);
  if (current === undefined) return profileNotFound(c);
  const patch = innerOf(body.json);
  if (patch === undefined) return parameterMissing(c);
  const result = applyPatch(current, patch, store.directory);
  if (result.kind === 'refused') return invalid(c, result.errors);
  const written = store.write(current, result.profile, 'request');
  // Nothing changed: 200, `updated_at` stays [N7]; the body is documented nowhere, so it has no
  // `profile`. [I] A refused spelling of a computed name is not "nothing": the profile is shown.
  if (written === undefined && !result.nameComputed) return c.json({ message: 'No Change' });
  return c.json(wrapped(written ?? current, store));
}

/** 200 with the whole profile, not 201; names need not be unique. [N1] */
function createProfile(c: Context<SandboxEnv>, store: ProfileStore): Response {
  const body = readBodyOf(c);
  if (body instanceof Response) return body;
  const given = innerOf(body.json);
  if (given === undefined) return parameterMissing(c);
  const result = readNewProfile(given, store.directory);
  if (result.kind === 'refused') return invalid(c, result.errors);
  return c.json(wrapped(store.add(result.profile), store));
}

function readBodyOf(c: Context<SandboxEnv>): { readonly json: unknown } | Response {
  const body = readJson(c.get('body'), c.req.header('content-type'));
  // Invalid JSON: 400 with this text. [N1]
  if (body === INVALID_JSON) {
    return c.json({ error: 'Invalid JSON syntax. Please check your syntax and try again.' }, 400);
  }
  // Rails refuses parameters that are no valid UTF-8, such as half a surrogate pair; PostgreSQL
  // stores no NUL in a text. [I]
  const isUnfit = someText(body, (text) => !text.isWellFormed() || text.includes('\0'));
  return isUnfit ? c.body(null, 400) : { json: body };
}

/** The wrapper is required [N9]; by the wording an empty one is refused as well. [I] */
function innerOf(body: unknown): Record<string, unknown> | undefined {
  const inner = isObject(body) ? body.profile : undefined;
  return isObject(inner) && Object.keys(inner).length > 0 ? inner : undefined;
}

function parameterMissing(c: Context): Response {
  return c.json({ error: 'param is missing or the value is empty: profile' }, 400);
}

/** The text and the shape of a validation error. [N1] Nothing of the request is stored. [I] */
function invalid(c: Context, errors: Readonly<Record<string, string>>): Response {
  return c.json({ error: 'The Profile failed to create/update', errors }, 400);
}

/** Unknown and archived ids: 400, not 404, with this text. [N10, N13] */
function profileNotFound(c: Context): Response {
  return c.json({ error: 'profile not found' }, 400);
}

/** `archived` is never returned. [N1] The field order is that of the published examples. [N1] */
function wrapped(profile: StoredProfile, store: ProfileStore) {
  const { archived: _, attributes, ...shown } = profile;
  return { profile: { ...shown, attributes: showAttributes(attributes, store.directory) } };
}

/** Reports whether `test` holds for any key or text inside `value`. */
function someText(value: unknown, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => test(key) || someText(member, test));
}

const INVALID_JSON = Symbol('invalid JSON');

/** Rails reads no JSON from a body of another media type: its parameters are then missing. [I] */
function readJson(bytes: Uint8Array, contentType: string | undefined): unknown {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json' || bytes.byteLength === 0) return undefined;
  const json = parsePlain(decodeUtf8(bytes) ?? '');
  return json === undefined ? INVALID_JSON : json;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
