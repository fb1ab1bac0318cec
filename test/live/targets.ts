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
  await deleteDemoProfiles(variables);
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

/** Replays steps, after those that get tokens, against fresh sandboxes. */
export async function replayLifecycle(): Promise<readonly Replayed[]> {
  const tokens = recordedSteps(['keystone-tokens']);
  const replayed = await replayPair([...tokens, ...recordedSteps(['lifecycle'])], 'no new user');
  return replayed.filter(({ section }) => !tokens.some((step) => step.section === section));
}

async function replayPair(
  steps: readonly Step[],
  kind: 'new user' | 'no new user',
): Promise<readonly Replayed[]> {
  const { senlin, origin, close } = await serveSandboxes();
  const credential = 'sandbox-application-credential';
  const demoProfile = crypto.randomUUID();
  const variables = {
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
    demoProfile,
  };
  try {
    if (kind === 'new user') senlin.seed(demoProfile, DEMO_PROFILE);
    else await deleteDemoProfiles(variables);
    return await replay(steps, variables, sendExactly);
  } finally {
    await close();
  }
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

/** Some steps name a profile by one character of its id, so the project may hold no other. */
async function deleteDemoProfiles(variables: Variables): Promise<void> {
  const step = (title: string, method: string, path: string): Step => ({
    section: 'before the recorded steps',
    title,
    method,
    to: 'senlin',
    path,
    headers: { 'X-Auth-Token': '{{demo}}' },
    captures: {},
  });
  const logIn = recordedSteps().filter(({ title }) => title === 'token of demo');
  const list = step('list', 'GET', '/v1/profiles');
  const listed = (await replay([...logIn, list], variables, sendExactly)).at(-1);
  const ids = [...(listed?.body ?? '').matchAll(/"id": ?"([0-9a-f-]{36})"/gu)];
  const deletions = ids
    .slice(0, PROFILES_MAX)
    .map(([, id]) => step(`delete ${id}`, 'DELETE', `/v1/profiles/${id}`));
  await replay([...logIn, ...deletions], variables, sendExactly);
}
