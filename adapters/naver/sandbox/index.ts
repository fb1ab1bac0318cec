import { type Context, Hono } from 'hono';
import { parsePlain } from '../../../src/adapter-kit/exact-json.ts';
import type { Json } from '../../../src/adapter-kit/json.ts';
import { decodeUtf8 } from '../../sandbox-kit/request-body.ts';
import type { Sandbox, SandboxDemo, SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import { type Unkindness, unkindFetch } from '../../sandbox-kit/unkind.ts';
import { readNewProfile } from './create.ts';
import {
  admit,
  gatewayError,
  refuseBadEncoding,
  SANDBOX_KEY_PAIR,
  type SandboxEnv,
  takeBody,
} from './gateway.ts';
import { listProfiles } from './list.ts';
import { readPatch } from './patch.ts';
import { createStore, type Profile, type ProfileStore, SEEDED_ID } from './store.ts';

/**
 * NAVER Cloud External Access, profiles only: list, create, read, edit, enable, disable, delete.
 * The API gateway in front has its own errors, the service behind it has others. README.md lists
 * the rules, their sources, and the reading chosen where the documents are silent.
 */
export function createSandbox({ basePath, now, unkind }: SandboxOptions): Sandbox {
  const store = createStore(now, unkind);
  const isOn = (mode: Unkindness): boolean => unkind?.modes().includes(mode) === true;
  const app = createApp(basePath, now, store, isOn);
  return {
    fetch: unkindFetch(unkind, (request) => app.fetch(request)),
    demo: createDemo(basePath),
    stored: store.find,
    ids: () => [...store.all()].map(({ profileId }) => profileId),
    outsideWrite: store.outsideWrite,
    outsideRemove: store.remove,
    seed: store.seed,
    journal: store.journal,
  };
}

function createApp(
  basePath: string,
  now: () => number,
  store: ProfileStore,
  isOn: (mode: Unkindness) => boolean,
): Hono<SandboxEnv> {
  const path = `${basePath}/api/v1/profiles/:profileId`;
  const reads = admit(now, 'read');
  const writes = admit(now, 'write');
  const onProfile = withProfile(store, isOn);
  const switchTo = (enabled: boolean) =>
    onProfile((context, profile) => switchProfile(context, profile, enabled, store));

  const app = new Hono<SandboxEnv>();
  let requests = 0;
  app.use((context, next) => {
    requests += 1;
    context.set('requestId', `sandbox-${requests}`);
    // Seen on answers of the same API gateway; the pages of this product do not name it.
    context.header('x-ncp-trace-id', context.get('requestId'));
    return next();
  });
  app.use(refuseBadEncoding);
  app.get(`${basePath}/api/v1/profiles`, reads, (context) => {
    const query = new URL(context.req.url).searchParams;
    const page = listProfiles(query, store.listed(), isOn('whole_total'));
    return 'refusal' in page ? refuse(context, 400, page.refusal) : context.json(page);
  });
  app.post(`${basePath}/api/v1/profiles`, writes, takeBody, (context) =>
    createProfile(context, store, isOn('twins')),
  );
  app.get(
    path,
    reads,
    onProfile((context, profile) => context.json(profile)),
  );
  app.patch(
    path,
    writes,
    takeBody,
    onProfile((context, profile) => patchProfile(context, profile, store)),
  );
  app.delete(
    path,
    writes,
    onProfile((context, profile) => {
      // The sample of the page shows a disabled profile; the strict reading is that it must be one.
      if (profile.enabled) return refuse(context, 400, 'an enabled profile cannot be deleted');
      store.remove(profile.profileId);
      return context.json(profile);
    }),
  );
  app.post(`${path}/enable`, writes, takeBody, switchTo(true));
  app.post(`${path}/disable`, writes, takeBody, switchTo(false));
  // Also for a known path with another method: the gateway's table has no 405.
  app.notFound((context) => gatewayError(context, 'notFound'));
  return app;
}

type OnProfile = (context: Context<SandboxEnv>, profile: Profile) => Response;

/**
 * An id that is not there is 400 as in the government standard for a single resource
 * (api-gov.ncloud-docs.com, api-call-std-errorhandling); the profile pages do not describe it, so
 * that the mode `missing_404` has the other reading.
 */
function withProfile(store: ProfileStore, isOn: (mode: Unkindness) => boolean) {
  return (answer: OnProfile) => (context: Context<SandboxEnv>) => {
    const profile = store.find(context.req.param('profileId') ?? '');
    if (profile) return answer(context, profile);
    return refuse(context, isOn('missing_404') ? 404 : 400, 'profile does not exist');
  };
}

/** management-subaccount-patchprofiles. */
function patchProfile(
  context: Context<SandboxEnv>,
  profile: Profile,
  store: ProfileStore,
): Response {
  const body = readJson(context);
  if (body instanceof Response) return body;
  const reading = readPatch(body.json, profile, store.all);
  if ('refusal' in reading) return refuse(context, 400, reading.refusal);
  return context.json(store.write(profile, reading.change));
}

/** management-subaccount-createprofiles. The status is not printed; 201 is the other success. */
function createProfile(
  context: Context<SandboxEnv>,
  store: ProfileStore,
  allowsTwins: boolean,
): Response {
  const body = readJson(context);
  if (body instanceof Response) return body;
  const reading = readNewProfile(body.json, store.all, allowsTwins);
  if ('refusal' in reading) return refuse(context, 400, reading.refusal);
  return context.json(store.add(reading.profile), 201);
}

function readJson(context: Context<SandboxEnv>): { readonly json: Json } | Response {
  if (
    !/^application\/json *(; *charset=utf-8 *)?$/i.test(context.req.header('content-type') ?? '')
  ) {
    return refuse(context, 415, 'Content-Type must be application/json');
  }
  const json = parsePlain(decodeUtf8(context.get('body')) ?? '');
  return json === undefined ? refuse(context, 400, 'the body is not JSON') : { json };
}

/**
 * management-subaccount-enableprofiles, -disableprofiles: no body is part of them. Switching to
 * the state that already is succeeds, as no page names an error for it.
 */
function switchProfile(
  context: Context<SandboxEnv>,
  profile: Profile,
  enabled: boolean,
  store: ProfileStore,
): Response {
  if (context.get('body').length > 0) return refuse(context, 400, 'no body is accepted');
  return context.json(store.write(profile, { enabled }));
}

/**
 * An error of the service (external-access overview). The codes of profiles are published nowhere,
 * so all refusals carry the only code that any page prints: nobody can build on invented ones.
 */
function refuse(context: Context<SandboxEnv>, status: 400 | 404 | 415, message: string): Response {
  const requestId = context.get('requestId');
  return context.json({ error: { errorCode: '9011', message, requestId } }, status);
}

function createDemo(basePath: string): SandboxDemo {
  return {
    target: 'naver-demo',
    configuration: (origin) => ({
      vendor: 'naver',
      baseUrl: `${origin}${basePath}`,
      auth: SANDBOX_KEY_PAIR,
    }),
    id: SEEDED_ID,
    patch: { description: 'build farm', extensions: { naver: { durationSeconds: 7200 } } },
  };
}
