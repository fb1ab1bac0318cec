import { recordedSteps, type Step } from './recorded.ts';
import { type Replayed, replay } from './replay.ts';
import { serveSandboxes } from './sandboxes.ts';
import { sendExactly } from './send.ts';
import type { Variables } from './template.ts';

const TRUSTS = 'Senlin: trusts and application credentials';
const TOKENS = 'Keystone: version and tokens';
const PROFILES_MAX = 1_000;

/** The servers that the environment names (what up.sh prints), or undefined. */
export function realServers(env: NodeJS.ProcessEnv): Variables | undefined {
  const names = {
    keystone: 'KEYSTONE_URL',
    senlin: 'SENLIN_URL',
    adminName: 'LIVE_ADMIN_USER',
    adminPassword: 'LIVE_ADMIN_PASSWORD',
    adminProjectName: 'LIVE_ADMIN_PROJECT',
    demoName: 'LIVE_DEMO_USER',
    demoPassword: 'LIVE_DEMO_PASSWORD',
    demoProjectName: 'LIVE_DEMO_PROJECT',
  };
  const values: Record<string, string> = {};
  for (const [variable, name] of Object.entries(names)) {
    const value = env[name];
    if (value === undefined || value === '') {
      console.warn(`skipped: no real servers (${name}): npm run test:live`);
      return undefined;
    }
    values[variable] = value;
  }
  return values;
}

/** Replays every recorded step against real servers. Deletes the demo project's profiles first. */
export async function replayReal(servers: Variables): Promise<readonly Replayed[]> {
  const run = `${Date.now()}`;
  const variables = {
    ...servers,
    run,
    applicationCredentialSecret: `secret-of-admin-${run}`,
    newUserName: `new-user-${run}`,
    newUserPassword: `password-${run}`,
    restrictedSecret: `restricted-secret-${run}`,
    unrestrictedSecret: `unrestricted-secret-${run}`,
  };
  await deleteProfiles(variables, 'demo');
  return await replay(recordedSteps(), variables, sendExactly);
}

/**
 * Replays every recorded step against fresh sandboxes. They have no endpoints for users and
 * application credentials, so the seeded ones take their place: user gateway is both the demo
 * user and, in sandboxes of its own where he has not called yet, the new one.
 */
export async function replaySandboxes(): Promise<readonly Replayed[]> {
  const steps = recordedSteps();
  const trusts = await replayPair(
    steps.filter(({ section }) => section === TOKENS || section === TRUSTS),
    'new user',
  );
  const rest = await replayPair(
    steps.filter(({ section }) => section !== TRUSTS),
    'no new user',
  );
  return [...rest, ...trusts.filter(({ section }) => section === TRUSTS)];
}

async function replayPair(
  steps: readonly Step[],
  kind: 'new user' | 'no new user',
): Promise<readonly Replayed[]> {
  const { senlin, origin, close } = await serveSandboxes();
  const demoProfile = crypto.randomUUID();
  const variables = { ...sandboxVariables(origin), demoProfile };
  try {
    if (kind === 'new user') senlin.seed(demoProfile, DEMO_PROFILE);
    else await deleteProfiles(variables, 'demo');
    return await replay(steps, variables, sendExactly);
  } finally {
    await close();
  }
}

/** Values for what the seeded accounts of sandboxes at `origin` take the place of. */
export function sandboxVariables(origin: string): Variables {
  const credential = 'sandbox-application-credential';
  return {
    keystone: `${origin}/keystone`,
    senlin: `${origin}/senlin`,
    run: 'sandbox',
    adminName: 'admin',
    adminPassword: 'sandbox-admin-password',
    adminProjectName: 'admin',
    demoName: 'gateway',
    demoPassword: 'sandbox-password',
    demoProjectName: 'demo',
    applicationCredential: 'sandbox-admin-application-credential',
    applicationCredentialSecret: 'sandbox-admin-secret',
    newUser: 'none',
    newUserName: 'gateway',
    newUserPassword: 'sandbox-password',
    memberRole: 'none',
    restrictedCredential: credential,
    restrictedSecret: 'sandbox-secret',
    unrestrictedCredential: credential,
    unrestrictedSecret: 'sandbox-secret',
  };
}

/** What the step `a profile of demo` makes. */
const DEMO_PROFILE = {
  name: 'demo-only',
  spec: {
    type: 'os.heat.stack',
    version: '1.0',
    properties: { template: { heat_template_version: '2016-04-08' } },
  },
};

/**
 * Deletes the profiles that an account sees, since some steps name one by a character of its id,
 * and others list them all.
 */
export async function deleteProfiles(variables: Variables, of: 'admin' | 'demo'): Promise<void> {
  const step = (title: string, method: string, path: string): Step => ({
    section: 'before the recorded steps',
    title,
    method,
    to: 'senlin',
    path,
    headers: { 'X-Auth-Token': `{{${of}}}` },
    captures: {},
  });
  const list = step('list', 'GET', '/v1/profiles');
  const listed = (await replay([...tokenSteps(), list], variables, sendExactly)).at(-1);
  const ids = [...(listed?.body ?? '').matchAll(/"id": ?"([0-9a-f-]{36})"/gu)];
  const deletions = ids
    .slice(0, PROFILES_MAX)
    .map(([, id]) => step(`delete ${id}`, 'DELETE', `/v1/profiles/${id}`));
  await replay([...tokenSteps(), ...deletions], variables, sendExactly);
}

const TOKEN_TITLES = ['password token, project scope', 'token of demo'];

/** The steps that log in both accounts. */
export function tokenSteps(): readonly Step[] {
  return recordedSteps(['keystone-tokens']).filter(({ title }) => TOKEN_TITLES.includes(title));
}
