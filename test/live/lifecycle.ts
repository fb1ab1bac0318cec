import { recordedSteps, type Step } from './recorded.ts';
import { type Replayed, replay } from './replay.ts';
import { serveSandboxes } from './sandboxes.ts';
import { type Answer, type SentRequest, sendExactly } from './send.ts';
import { deleteProfiles, sandboxVariables, tokenSteps } from './targets.ts';
import type { Variables } from './template.ts';

/** Origin of the steps that change what stands around the servers. */
const STAGE = 'http://stage';

/** The changes of `SentRequest`s to the stage, by path. */
type Stage = Readonly<Record<string, () => unknown>>;

const DONE: Answer = { status: 200, headers: {}, body: '' };
/** Time of the services behind Senlin, as in the recording. */
const SLOW_MS = 6_000;
const STRICT_TIMEOUT_MS = 3_000;

/** A Senlin that has just started may take more than its 30 s for its first question to Nova. */
const FIRST_SERVER: Step = {
  section: 'before the recorded steps',
  title: 'a first server profile',
  method: 'POST',
  to: 'senlin',
  path: '/v1/profiles',
  headers: { 'Content-Type': 'application/json', 'X-Auth-Token': '{{admin}}' },
  body: JSON.stringify({
    profile: {
      name: 'first-server',
      spec: {
        type: 'os.nova.server',
        version: '1.0',
        properties: { flavor: 'm1.small', name: 'web', networks: [] },
      },
    },
  }),
  captures: {},
  again: { while: 500 },
};

/** The recorded lists, creates and deletes, without the steps that log in. */
async function replayed(
  variables: Variables,
  stage: Stage,
  send: (request: SentRequest) => Promise<Answer>,
  wait?: (ms: number) => Promise<unknown>,
): Promise<readonly Replayed[]> {
  const tokens = tokenSteps();
  const onStage = async (request: SentRequest): Promise<Answer> => {
    if (!request.url.startsWith(STAGE)) return send(request);
    await stage[request.url.slice(STAGE.length)]?.();
    return DONE;
  };
  await deleteProfiles(variables, 'admin');
  const steps = [...tokens, ...recordedSteps(['lifecycle'])];
  const all = await replay(steps, { ...variables, stage: STAGE }, onStage, wait);
  return all.slice(tokens.length);
}

/**
 * Replays lists, creates and deletes at fresh sandboxes, whose clock moves by a second with each
 * request. They have no nodes: a profile that one would use is marked as used.
 */
export async function replayLifecycleAtSandboxes(): Promise<readonly Replayed[]> {
  let nowMs = Date.now();
  let settings = { isNameUnique: false, responseTimeoutMs: 60_000, createMs: 0 };
  const change = (changed: Partial<typeof settings>) => () => {
    settings = { ...settings, ...changed };
  };
  const { close, origin, senlin } = await serveSandboxes(
    () => nowMs,
    () => settings,
  );
  const stage: Stage = {
    '/strict': change({
      isNameUnique: true,
      responseTimeoutMs: STRICT_TIMEOUT_MS,
      createMs: SLOW_MS,
    }),
    '/prompt': change({ createMs: 0 }),
  };
  const send = (request: SentRequest): Promise<Answer> => {
    nowMs += 1_000;
    if (!request.url.endsWith('/v1/nodes')) return sendExactly(request);
    const used = JSON.parse(request.body ?? '').node.profile_id;
    senlin.outsideWrite(used, { in_use: true });
    return Promise.resolve({ ...DONE, status: 202 });
  };
  const wait = async (ms: number) => {
    nowMs += ms;
  };
  try {
    return await replayed(sandboxVariables(origin), stage, send, wait);
  } finally {
    await close();
  }
}

/** Replays lists, creates and deletes at the real Keystone, and at the Senlin nobody else uses. */
export async function replayLifecycleReal(
  servers: Variables,
  alone: AloneSenlin,
): Promise<readonly Replayed[]> {
  const variables = { ...servers, senlin: alone.url, run: `${Date.now()}` };
  await replay([...tokenSteps(), FIRST_SERVER], variables, sendExactly);
  return await replayed(variables, stageOf(alone), sendExactly);
}

/** The changes of that Senlin, as senlin-in-one.py takes signals. */
export function stageOf({ pid }: AloneSenlin) {
  return {
    '/strict': () => process.kill(pid, 'SIGUSR1'),
    '/prompt': () => process.kill(pid, 'SIGUSR2'),
    '/configured': () => process.kill(pid, 'SIGHUP'),
  } satisfies Stage;
}

/** A second Senlin that up.sh starts. */
export type AloneSenlin = {
  readonly url: string;
  readonly pid: number;
};

/** The Senlin that the environment names, or undefined. */
export function aloneSenlin(env: NodeJS.ProcessEnv): AloneSenlin | undefined {
  const { SENLIN_ALONE_PID: pid, SENLIN_ALONE_URL: url } = env;
  return pid === undefined || url === undefined ? undefined : { url, pid: Number(pid) };
}
