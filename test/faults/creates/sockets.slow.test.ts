import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { NEW_PROFILES } from '../../integration/create/stage.ts';
import { createReplicaProcess } from '../../state/chaos/replica-process.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { count } from '../../support/counts.ts';
import { openSocketFront, SOCKET_FAULTS, type SocketFault } from './socket-front.ts';

const CREATES = count(120, 10_000);
/** Creates under way at once: most of them wait. */
const CALLERS = count(40, 120);
/** Time in which each vendor must be done here. */
const SETTLE_MS = 1_500;
const REPEAT_MS = 250;
const REPEATS_MAX = 240;
const TARGETS = ['senlin-demo', 'nerm-demo', 'iam-demo', 'naver-demo'] as const;
/** Vendors where a search proves that nothing was created. */
const PROVING: readonly string[] = ['senlin-demo', 'iam-demo'];

type Ended = {
  readonly number: number;
  readonly target: string;
  readonly fault: SocketFault;
  readonly name: string;
  readonly answers: readonly Answered[];
};
type Answered = {
  readonly status: number;
  readonly code: string | undefined;
  readonly outcome: string | undefined;
  readonly reason: string | undefined;
  readonly id: string | undefined;
};

function faultOf(number: number): SocketFault {
  return SOCKET_FAULTS[Math.floor(number / TARGETS.length) % SOCKET_FAULTS.length] ?? 'none';
}

async function create(origin: string, number: number, body: JsonObject): Promise<Answered> {
  const response = await fetch(`${origin}/profiles`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `create-${number}` },
    body: JSON.stringify(body),
  });
  const shown: JsonObject = JSON.parse(await response.text());
  return {
    status: response.status,
    code: ownText(shown, 'code'),
    outcome: ownText(ownObject(shown, 'write') ?? shown, 'outcome'),
    reason: ownText(shown, 'reason'),
    id: ownText(ownObject(shown, 'profile'), 'upstreamId'),
  };
}

/** Creates a profile, and repeats the request until it is not under way any more. */
async function runOne(origin: string, number: number): Promise<Ended> {
  const target = TARGETS[number % TARGETS.length] ?? 'nerm-demo';
  const region = target === 'iam-demo' ? 'eu-de_' : '';
  const name = `${region}s${String(number).padStart(5, '0')}x`;
  const body = { target, ...NEW_PROFILES[target], name };
  const answers = [await create(origin, number, body)];
  for (let repeats = 0; repeats < REPEATS_MAX; repeats += 1) {
    const answer = await create(origin, number, body);
    if (answer.code !== 'request_in_progress') {
      const before = answers.at(-1);
      answers.push(answer);
      // A repeat of one that was rejected for its credential runs anew, and may be open itself.
      if (before?.outcome !== 'rejected' || answer.outcome !== 'unknown') break;
    }
    await sleep(REPEAT_MS);
  }
  return { number, target, fault: faultOf(number), name, answers };
}

function wrongOf(ended: Ended, made: readonly string[], sent: number): string[] {
  const wrong: string[] = [];
  if (made.length > 1) wrong.push(`${made.length} twins`);
  if (sent > 1) wrong.push(`sent ${sent} times`);
  if (ended.answers.length < 2) wrong.push('it has no end');
  for (const { code, id, outcome, reason, status } of ended.answers) {
    const said = `${status} ${outcome} ${code} ${reason}`;
    if (outcome === 'applied' ? made[0] !== id : outcome === 'rejected' && made.length > 0) {
      wrong.push(`${said}: made ${made.join()}`);
    }
    if (outcome === 'unknown' && reason === undefined) wrong.push(`${said}: without a reason`);
    if (!['applied', 'rejected', 'unknown'].includes(outcome ?? '')) wrong.push(said);
  }
  const last = ended.answers.at(-1)?.outcome;
  if (PROVING.includes(ended.target) && last === 'unknown') wrong.push('it could be proven');
  return wrong;
}

test(`${CREATES} creates through sockets that break have true ends, and are sent once`, {
  timeout: 90_000 + CREATES * 200,
}, async () => {
  await inFolder(async (folder) => {
    const front = await openSocketFront(faultOf);
    const gateway = createReplicaProcess({
      name: 'only',
      document: front.document,
      store: { path: join(folder, 'state.db') },
      sessionMs: 20_000,
      settleMs: SETTLE_MS,
    });
    const ended: Ended[] = [];
    try {
      await gateway.start();
      let next = 0;
      const caller = async (): Promise<void> => {
        while (next < CREATES) {
          next += 1;
          ended.push(await runOne(gateway.origin() ?? '', next));
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
    } finally {
      await gateway.kill();
      await front.close();
    }
    const made = new Map(TARGETS.map((target) => [target as string, front.idsByName(target)]));
    const judged = ended.map((one) => {
      const own = made.get(one.target)?.get(one.name) ?? [];
      return { one, wrong: wrongOf(one, own, front.sentOf(one.number)) };
    });
    const ends = Map.groupBy(ended, ({ answers, fault }) => {
      const [first, last] = [answers[0]?.outcome, answers.at(-1)?.outcome];
      return `${fault}: ${first} -> ${last}`;
    });
    process.stdout.write(`${[...ends].map(([end, all]) => `${end}: ${all.length}`).join('\n')}\n`);
    expect(judged.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(ended.length).toBe(CREATES);
  })();
});
