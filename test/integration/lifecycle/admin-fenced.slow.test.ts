import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { isList, type JsonObject } from '../../../src/adapter-kit/index.ts';
import { end } from '../../support/child.ts';
import { call, patch } from '../../support/client.ts';
import { type Running, runWithState, type Stage, setStage, until, uuid } from './stage.ts';

const ID = `nerm:${uuid(1)}`;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  stage.nerm.seed(uuid(1), { name: 'One' });
});
afterAll(() => stage.stop());

async function start(): Promise<Running> {
  const running = await runWithState(stage, { sessionMs: 2_000, timeoutMs: 1_000 });
  onTestFinished(async () => {
    running.child.kill('SIGCONT');
    await end(running.child);
  });
  return running;
}

const seriesOf = async ({ origin }: Running): Promise<string> =>
  (await call(origin, '/metrics')).text;

test('a process that froze and the one that closed its write both count it', async () => {
  const [frozen, other] = [await start(), await start()];
  const release = stage.hold();
  const answer = patch(frozen.origin, ID, { name: 'Two' });
  await until(() => stage.arrived() > 0, 'the write');
  frozen.child.kill('SIGSTOP');
  release();
  const path = `/admin/receipts?profile=${ID}&outcome=applied`;
  const receipts = async () => {
    const { receipts: found } = (await call(other.origin, path)).json;
    return isList(found) ? (found as JsonObject[]) : [];
  };
  await until(async () => (await receipts()).length === 1, 'the receipt');
  const [receipt] = await receipts();
  expect(receipt).toMatchObject({
    evidence: 'read_back',
    recoveredBy: expect.any(String),
    changes: [{ pointer: '/name' }],
  });
  await until(async () => {
    const { replicas } = (await call(other.origin, '/admin/replicas')).json;
    return isList(replicas) && replicas.length === 1;
  }, 'one session');
  expect(await seriesOf(other)).toMatch(
    /^profile_gateway_state_recovered_total\{outcome="applied"\} 1$/m,
  );
  frozen.child.kill('SIGCONT');
  expect((await answer).json).toMatchObject({ code: 'outcome_unknown', reason: 'fenced' });
  expect(await seriesOf(frozen)).toMatch(/^profile_gateway_state_fenced_total 1$/m);
  await until(
    async () => /^profile_gateway_state_replicas 2$/m.test(await seriesOf(frozen)),
    'a session of the one that woke',
  );
});
