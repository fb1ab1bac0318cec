import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkResponse } from '../integration/openapi/response-check.ts';
import { count } from '../support/counts.ts';
import {
  createVendor,
  ID,
  NEVER,
  patchOf,
  SESSION_MS,
  startReplica,
  type TestReplica,
} from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

const PATH = `/profiles/acme:${ID}`;
const running: TestReplica[] = [];

afterEach(async () => {
  for (const { cut, shared } of running.splice(0)) {
    cut(false);
    await shared.close();
  }
});

type Fetch = Parameters<typeof startReplica>[2];

async function start(name: string, path: string, fetch: Fetch, sessionMs = SESSION_MS) {
  const replica = await startReplica(name, path, fetch, { sessionMs });
  running.push(replica);
  return replica;
}

type Vendor = ReturnType<typeof createVendor>;
type Stage = {
  readonly vendor: Vendor;
  readonly path: string;
  readonly a: TestReplica;
  readonly b: TestReplica;
  /** Makes the vendor answer reads, and writes once they are made, with 404. */
  readonly hide: (isHidden: boolean) => void;
};

/** So long that no replica is taken for lost, however busy the machine is. */
const LONG_SESSION_MS = 20_000;

/** Runs a test with two replicas on one file, of which one may be lost. */
const losing = (work: (stage: Stage) => Promise<void>) => staged(work, SESSION_MS);

/** Runs a test with two replicas on one file. */
const staged = (work: (stage: Stage) => Promise<void>, sessionMs = LONG_SESSION_MS) =>
  inFolder(async (folder) => {
    const vendor = createVendor();
    const path = join(folder, 'state.db');
    let isHidden = false;
    const fetch: Fetch = async (request) => {
      const answer = await vendor.fetch(request);
      return isHidden ? new Response('{}', { status: 404 }) : answer;
    };
    const a = await start('a', path, fetch, sessionMs);
    const b = await start('b', path, fetch, sessionMs);
    const hide = (wanted: boolean): void => {
      isHidden = wanted;
    };
    await work({ vendor, path, a, b, hide });
  });

/** Asks a replica for a write with a key; its answer must be as the API document says. */
async function ask({ gateway }: TestReplica, key: string, site: string, more = {}) {
  const headers = { 'idempotency-key': `"${key}"`, ...more };
  const answer = await gateway.ask('PATCH', PATH, { ...patchOf({ site }), headers });
  const shown = Object.fromEntries(answer.headers);
  expect(checkResponse('PATCH', PATH, answer.status, shown, answer.text)).toEqual([]);
  return answer;
}

type Answer = Awaited<ReturnType<typeof ask>>;

const writeIdOf = ({ headers }: Answer) => headers.get('x-write-id');
const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed') === 'true';
const receiptsOf = ({ database }: TestReplica) => database.receipts({ max: 100 });

async function until<T>(ask: () => Promise<T | undefined>, waitMsMax = 10_000): Promise<T> {
  const untilMs = performance.now() + waitMsMax;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > untilMs) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PASSING: readonly unknown[] = [
  'request_in_progress',
  'profile_in_doubt',
  'state_unavailable',
];

/** Repeats a request until it is neither under way nor kept up by one that is. */
const settledAnswer = (replica: TestReplica, key: string, site: string, more = {}) =>
  until(async () => {
    const answer = await ask(replica, key, site, more);
    return PASSING.includes(answer.body.code) ? undefined : answer;
  });

const ROUNDS = count(40, 10_000);
const ROUND_MS_MAX = 1_500;

describe('a key at two replicas', () => {
  test(
    'has one effect, however many requests come at once',
    staged(async ({ a, b, vendor }) => {
      const rounds = ROUNDS;
      const codes = new Map<unknown, number>();
      for (let round = 0; round < rounds; round += 1) {
        const replicas = round % 2 === 0 ? [a, b, a, b] : [b, a];
        const asked = replicas.map((replica) => ask(replica, `k${round}`, `site ${round}`));
        const answers = await Promise.all(asked);
        const [made] = new Set(answers.filter(({ status }) => status === 200).map(writeIdOf));
        expect(answers.filter((one) => one.status === 200 && !replayed(one))).toHaveLength(1);
        for (const answer of answers) {
          const is = answer.status === 200 ? replayed(answer) : answer.body.code;
          codes.set(is, (codes.get(is) ?? 0) + 1);
          if (answer.status === 200) expect(writeIdOf(answer)).toBe(made);
          else expect(answer.body).toMatchObject({ status: 409, code: 'request_in_progress' });
        }
        const later = await Promise.all(
          [a, b].map((one) => ask(one, `k${round}`, `site ${round}`)),
        );
        expect(later.map(replayed)).toEqual([true, true]);
        expect(later.map(writeIdOf)).toEqual([made, made]);
      }
      expect(vendor.journal).toHaveLength(rounds);
      expect(await a.database.receipts({ max: rounds + 1 })).toHaveLength(rounds);
      expect(codes.get('request_in_progress')).toBeGreaterThan(0);
    }),
    ROUNDS * ROUND_MS_MAX,
  );

  test(
    'is answered by the other as by the first, at once after the answer',
    staged(async ({ a, b, vendor }) => {
      const first = await ask(a, 'k', 'Berlin', { 'if-match': '*' });
      const second = await ask(b, 'k', 'Berlin', { 'if-match': '*' });
      expect(second.text).toBe(first.text);
      expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
      expect([writeIdOf(second), replayed(second)]).toEqual([writeIdOf(first), true]);
      const reused = await ask(b, 'k', 'Bonn', { 'if-match': '*' });
      expect(reused.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
      expect(vendor.journal).toHaveLength(1);
    }),
  );

  test(
    'stands in no file of the state, nor does a value of the patch',
    staged(async ({ a, b, hide, path, vendor }) => {
      vendor.profile.name = 'CANARY-NAME';
      expect((await ask(a, 'CANARY-KEY', 'CANARY-VALUE')).status).toBe(200);
      hide(true);
      vendor.after = async () => {
        throw new Error('lost');
      };
      const lost = await ask(a, 'CANARY-KEY 2', 'CANARY-VALUE 2');
      expect(lost.body).toMatchObject({ code: 'outcome_unknown' });
      expect((await ask(b, 'CANARY-KEY 2', 'CANARY-VALUE 2')).text).not.toBe('');
      const files = readdirSync(dirname(path));
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) {
        expect(readFileSync(join(dirname(path), file)).includes('CANARY'), file).toBe(false);
      }
      expect(JSON.stringify([a.gateway.logs, await receiptsOf(a)])).not.toContain('CANARY');
    }),
  );

  test(
    'of a write that was never sent is free again',
    staged(async ({ a, b, vendor }) => {
      const etag = '"00000000000000000000000000000000"';
      expect((await ask(a, 'k', 'Berlin', { 'if-match': etag })).status).toBe(412);
      const second = await ask(b, 'k', 'Berlin');
      expect([second.status, replayed(second)]).toEqual([200, false]);
      expect(vendor.journal).toHaveLength(1);
    }),
  );

  test(
    'is not taken for new while the state cannot be asked',
    losing(async ({ a, b, vendor }) => {
      const first = await ask(a, 'k', 'Berlin');
      b.cut(true);
      expect((await ask(b, 'k', 'Berlin')).body).toMatchObject({ code: 'state_unavailable' });
      b.cut(false);
      const again = await until(async () => {
        const answer = await ask(b, 'k', 'Berlin');
        return answer.status === 200 ? answer : undefined;
      });
      expect([writeIdOf(again), vendor.journal.length]).toEqual([writeIdOf(first), 1]);
    }),
  );
});

describe('a repeat after a crash', () => {
  test(
    'is answered as applied, with the profile, and the same from then on',
    losing(async ({ a, b, vendor }) => {
      vendor.after = () => NEVER;
      void a.gateway.ask('PATCH', PATH, {
        ...patchOf({ site: 'Berlin' }),
        headers: { 'idempotency-key': '"k"' },
      });
      await until(async () => vendor.journal[0]);
      vendor.after = async () => {};
      const early = await ask(b, 'k', 'Berlin');
      expect(early.body).toMatchObject({ code: 'request_in_progress' });
      a.cut(true);
      const known = await settledAnswer(b, 'k', 'Berlin');
      expect(known.status).toBe(200);
      expect(known.body).toMatchObject({
        profile: { attributes: { site: 'Berlin' } },
        write: { outcome: 'applied', evidence: 'read_back', lockScope: 'machine', losses: [] },
      });
      const [receipt] = await receiptsOf(b);
      expect(JSON.parse(receipt?.body ?? '')).toMatchObject({ recoveredBy: 'b' });
      expect([writeIdOf(known), replayed(known)]).toEqual([receipt?.writeId, true]);
      vendor.profile.attributes.site = 'Cologne';
      expect((await ask(b, 'k', 'Berlin')).text).toBe(known.text);
      const reused = await ask(b, 'k', 'Bonn');
      expect(reused.body).toMatchObject({ code: 'idempotency_key_reused' });
      expect(vendor.journal).toHaveLength(1);
    }),
  );

  test(
    'is answered as rejected where the write never came to the vendor',
    losing(async ({ b, path, vendor }) => {
      const dying = await start('c', path, async (request) =>
        request.method === 'GET' ? vendor.fetch(request) : NEVER,
      );
      const headers = { 'idempotency-key': '"k"', 'if-match': '*' };
      void dying.gateway.ask('PATCH', PATH, { ...patchOf({ site: 'Berlin' }), headers });
      await until(async () => dying.gateway.sent[1]);
      dying.cut(true);
      const known = await settledAnswer(b, 'k', 'Berlin', { 'if-match': '*' });
      expect(known.body).toMatchObject({
        code: 'not_stored',
        outcome: 'rejected',
        notApplied: ['/attributes/site'],
      });
      expect(replayed(known)).toBe(true);
      expect(vendor.journal).toEqual([]);
      // Another key is another request.
      expect((await settledAnswer(b, 'k2', 'Berlin')).status).toBe(200);
    }),
  );

  test(
    'is answered by what another replica has found, also where its own one lives on',
    losing(async ({ a, b, vendor }) => {
      vendor.after = async () => {
        a.cut(true);
        vendor.after = async () => {};
        await until(async () => (await receiptsOf(b))[0]);
        a.cut(false);
      };
      const first = await ask(a, 'k', 'Berlin');
      expect(first.body).toMatchObject({ code: 'outcome_unknown', reason: 'fenced' });
      const second = await settledAnswer(b, 'k', 'Berlin');
      expect([second.status, writeIdOf(second)]).toEqual([200, writeIdOf(first)]);
      expect(vendor.journal).toHaveLength(1);
    }),
  );
});

describe('a repeat of a write whose outcome is unknown', () => {
  test(
    'is answered by another replica by what the profile shows',
    staged(async ({ a, b, hide, vendor }) => {
      hide(true);
      vendor.after = async () => {
        throw new Error('lost');
      };
      const first = await ask(a, 'k', 'Berlin');
      expect(first.body).toMatchObject({ code: 'outcome_unknown', outcome: 'unknown' });
      const still = await ask(b, 'k', 'Berlin');
      expect(still.body).toMatchObject({ code: 'outcome_unknown' });
      expect(Number(still.headers.get('retry-after'))).toBeGreaterThan(0);
      hide(false);
      const known = await ask(b, 'k', 'Berlin');
      expect(known.body).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
      expect(writeIdOf(known)).toBe(writeIdOf(first));
      // It is stored though the profile is still in doubt.
      vendor.profile.attributes.site = 'Cologne';
      expect((await ask(a, 'k', 'Berlin')).text).toBe(known.text);
      expect(vendor.journal).toHaveLength(1);
    }),
  );
});
