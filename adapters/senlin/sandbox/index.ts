import { type Context, Hono } from 'hono';
import { type JsonObject, own } from '../../../src/adapter-kit/json.ts';
import { createJournal } from '../../keystone/sandbox/journal.ts';
import { asPythonObjectHolds } from '../../keystone/sandbox/python.ts';
import type { Sandbox, SandboxDemo, SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import { unkindFetch } from '../../sandbox-kit/unkind.ts';
import { type Access, createAccess } from './access.ts';
import { listProfiles } from './list.ts';
import { type Caller, createProfiles, isoTime, type Profiles } from './profiles.ts';
import { parseCreate, parseSpec, parseUpdate, profileTypeOf } from './requests.ts';
import { DEMO_PROFILE_ID, SEEDED_PROFILES } from './seed.ts';
import { type Microversion, negotiate, versionAnswer, versionHeaders } from './versions.ts';
import {
  faultAnswer,
  jsonAnswer,
  malformed,
  noContentAnswer,
  readJsonBody,
  SenlinFault,
  webobAnswer,
} from './wire.ts';

const DEMO: SandboxDemo = {
  target: 'senlin-demo',
  configuration: (origin) => ({
    vendor: 'senlin',
    baseUrl: `${origin}/senlin`,
    auth: {
      method: 'password',
      url: `${origin}/keystone/v3`,
      username: 'gateway',
      password: 'sandbox-password',
      userDomain: 'Default',
      project: 'demo',
      projectDomain: 'Default',
    },
  }),
  id: DEMO_PROFILE_ID,
  patch: { name: 'test_prof2', attributes: { owner: 'blue' } },
};

/** Settings of senlin.conf, and the time that the services behind it need. */
export type SenlinSettings = {
  /** `name_unique`: a name is taken once among the profiles that the caller sees. */
  readonly isNameUnique: boolean;
  /** `rpc_response_timeout`: a create that takes longer goes on after a 500. */
  readonly responseTimeoutMs: number;
  readonly createMs: number;
};

const DEFAULTS: SenlinSettings = { isNameUnique: false, responseTimeoutMs: 60_000, createMs: 0 };

export type SenlinSandboxOptions = SandboxOptions & {
  /** Called for each create, so that they can change between two. */
  readonly settings?: () => SenlinSettings;
};

/** A Senlin 14 with one profile in project `demo` and one elsewhere; its peer is `keystone`. */
export function createSandbox(options: SenlinSandboxOptions): Sandbox {
  const journal = createJournal(options.now);
  const profiles = createProfiles(journal, options.now, options.unkind);
  const app = createApp(options, profiles);
  return {
    fetch: unkindFetch(options.unkind, (request) => app.fetch(request)),
    demo: DEMO,
    stored: (id) => profiles.find(id),
    ids: profiles.ids,
    outsideWrite: (id, change) => {
      const before = profiles.find(id);
      if (before === undefined) throw new Error(`no profile ${id}`);
      const updated = { ...before, updated_at: isoTime(options.now()) };
      const after = { ...updated, ...asPythonObjectHolds(change) };
      profiles.put(id, after);
      journal.note(id, 'outside', before, after);
    },
    outsideRemove: profiles.drop,
    seed: (id, resource) =>
      profiles.put(id, { ...SEEDED_PROFILES[0], ...asPythonObjectHolds(resource), id }),
    journal: journal.entries,
  };
}

type Call = {
  readonly request: Request;
  readonly method: string;
  readonly version: Microversion;
  readonly caller: Caller;
  readonly profiles: Profiles;
  readonly now: () => number;
  readonly settings: SenlinSettings;
};

function createApp(options: SenlinSandboxOptions, profiles: Profiles) {
  const access = createAccess(options);
  const app = new Hono();
  app.onError((error) => {
    if (!(error instanceof SenlinFault)) throw error;
    return faultAnswer(error);
  });
  app.all('*', (c) => pipeline(c, options, profiles, access));
  return app;
}

/** etc/senlin/api-paste.ini: CORS, version negotiation, auth_token, trust, and only then routes. */
async function pipeline(
  c: Context,
  options: SenlinSandboxOptions,
  profiles: Profiles,
  access: Access,
): Promise<Response> {
  const request = c.req.raw;
  // transcript: OPTIONS.
  if (request.method === 'OPTIONS')
    return new Response(null, { headers: { 'Content-Length': '0' } });
  const url = new URL(request.url);
  const root = `${url.origin}${options.basePath}`;
  const path = url.pathname.slice(options.basePath.length);
  const negotiated = negotiate(request, path === '' ? '/' : path, root);
  if (negotiated instanceof Response) return negotiated;
  const { route, version } = negotiated;
  const caller = access(request);
  if (caller instanceof Response) return caller;
  const settings = options.settings?.() ?? DEFAULTS;
  const { method } = request;
  const call = { request, method, version, caller, profiles, now: options.now, settings };
  if (route === '/' && call.method === 'GET') return versionAnswer(root, version);
  return (await routed(call, pathText(route))) ?? noRoute(request);
}

/** Undefined where Senlin has no such path or method: 404, never 405 (transcript: PUT, HEAD). */
async function routed(call: Call, route: string): Promise<Response | undefined> {
  const { method } = call;
  if (route === '/profiles' && method === 'GET') return list(call);
  if (route === '/profiles' && method === 'POST') return create(call);
  if (route === '/profiles/validate' && method === 'POST') return validate(call);
  const identity = /^\/profiles\/([^/]+)$/s.exec(route)?.[1];
  if (identity === undefined) return undefined;
  if (method === 'GET') return read(call, identity);
  if (method === 'PATCH') return update(call, identity);
  return method === 'DELETE' ? remove(call, identity) : undefined;
}

async function list(call: Call): Promise<Response> {
  await refuseBody(call.request);
  const query = new URL(call.request.url).searchParams;
  const profiles = listProfiles(query, call.profiles, call.caller).map(shown);
  return jsonAnswer(200, { profiles }, versionHeaders(call.version));
}

async function create(call: Call): Promise<Response> {
  const { name, spec, metadata } = parseCreate(await readJsonBody(call.request));
  const { createMs, isNameUnique, responseTimeoutMs } = call.settings;
  const isTaken = call.profiles.visible(call.caller).some((p) => own(p, 'name') === name);
  if (isNameUnique && isTaken) {
    throw new SenlinFault(400, 'BadRequest', `A profile named '${name}' already exists.`);
  }
  const type = profileTypeOf(name, spec);
  const atMs = call.now() + createMs;
  const profile = {
    ...newProfile(call, name, type, spec),
    id: crypto.randomUUID(),
    metadata,
    created_at: isoTime(atMs),
  };
  call.profiles.add(profile, atMs);
  if (createMs > responseTimeoutMs) {
    throw new SenlinFault(500, 'MessagingTimeout', 'No reply on topic senlin-conductor');
  }
  return jsonAnswer(201, { profile: shown(profile) }, versionHeaders(call.version));
}

/** transcript: POST /profiles/validate at 1.1, and at 1.2. */
async function validate(call: Call): Promise<Response> {
  const body = await readJsonBody(call.request);
  if (call.version.minor < 2) {
    const text = `API version '${call.version.text}' is not supported on this method.`;
    throw new SenlinFault(400, 'MethodVersionNotFound', text);
  }
  const spec = parseSpec(body);
  const profile = newProfile(
    call,
    'validated_profile',
    profileTypeOf('validated_profile', spec),
    spec,
  );
  return jsonAnswer(200, { profile: shown(profile) }, versionHeaders(call.version));
}

async function read(call: Call, identity: string): Promise<Response> {
  await refuseBody(call.request);
  const profile = call.profiles.resolve(identity, call.caller);
  return jsonAnswer(200, { profile: shown(profile) }, versionHeaders(call.version));
}

/** The body is checked before the profile is looked up (transcript: unknown id and field). */
async function update(call: Call, identity: string): Promise<Response> {
  const patch = parseUpdate(await readJsonBody(call.request));
  const profile = await call.profiles.update(identity, patch, call.caller);
  return jsonAnswer(200, { profile: shown(profile) }, versionHeaders(call.version));
}

async function remove(call: Call, identity: string): Promise<Response> {
  await refuseBody(call.request);
  call.profiles.remove(identity, call.caller);
  return noContentAnswer();
}

/** A JSON body where none is expected is a malformed request (compared with Senlin 14). */
async function refuseBody(request: Request): Promise<void> {
  if ((await readJsonBody(request)) !== undefined) throw malformed();
}

function newProfile(call: Call, name: string, type: string, spec: JsonObject): JsonObject {
  const { projectId: project, userId: user } = call.caller;
  const empty = { id: null, metadata: null, domain: null, created_at: null, updated_at: null };
  return { ...empty, name, type, spec, project, user };
}

const FIELDS = [
  'id',
  'name',
  'type',
  'user',
  'project',
  'domain',
  'spec',
  'metadata',
  'created_at',
  'updated_at',
];

function shown(profile: JsonObject): JsonObject {
  return Object.fromEntries(FIELDS.map((field) => [field, own(profile, field) ?? null]));
}

function noRoute(request: Request): Response {
  const answer = webobAnswer(404, '', request.headers.get('accept') ?? '');
  if (request.method !== 'HEAD') return answer;
  const headers = new Headers(answer.headers);
  headers.set('Content-Length', '0');
  return new Response(null, { status: 404, headers });
}

/**
 * The path as Senlin reads it: percent-encoded octets become characters of Latin-1, so a name in
 * CJK is never found by path; octets that are no UTF-8 break its code; what is no escape stays
 * (all compared with Senlin 14).
 */
function pathText(route: string): string {
  const octets = route.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    const bytes = Uint8Array.from(octets, (character) => character.charCodeAt(0));
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    return octets;
  } catch {
    const text = "'utf-8' codec can't decode the request path";
    throw new SenlinFault(500, 'UnicodeDecodeError', text);
  }
}
