import { describe, expect, it } from 'vitest';
import { SEEDED } from '../../../adapters/iam/sandbox/projects.ts';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { type Answer, expectProblem, part, patch, read } from '../../support/client.ts';
import { LONG_TOKEN_FOLDER, type RunningGateway, withGateway } from '../../support/gateway.ts';
import {
  IAM,
  iamTarget,
  NAVER,
  NERM,
  naverTarget,
  nermTarget,
  SENLIN,
  senlinTarget,
  upstreamIdOf,
} from '../../support/profiles.ts';

const SECOND_MS = 1_000;
const isTokenRequest = ({ path }: { readonly path: string }): boolean =>
  path.includes('/auth/tokens') || path.includes('/oauth/token');

const wrong = {
  'naver-wrong': naverTarget({}, 'wrong-naver-secret'),
  'nerm-wrong': nermTarget({}, 'wrong-nerm-token'),
  'nerm-wrong-client': (origin: string) => ({
    vendor: 'nerm',
    baseUrl: `${origin}/nerm/api`,
    auth: {
      method: 'clientCredentials',
      tokenUrl: `${origin}/nerm/oauth/token`,
      clientId: 'sandbox-client',
      clientSecret: 'wrong-client-secret',
    },
  }),
  'iam-wrong': iamTarget('iam', 'wrong-iam-password', true),
  'senlin-wrong': senlinTarget('wrong-senlin-password'),
};

describe('credentials that the vendor refuses', () => {
  it.each([
    ['naver-wrong', NAVER],
    ['nerm-wrong', NERM],
    ['nerm-wrong-client', NERM],
    ['iam-wrong', IAM],
    ['senlin-wrong', SENLIN],
  ])('are tried once and then rest, longer each time: %s', async (target, good) => {
    await withGateway({ targets: wrong }, async (gateway) => {
      const id = `${target}:${upstreamIdOf(good)}`;
      const first = await patch(gateway.origin, id, { name: 'eu-de_x' });
      expectProblem(first, 502, 'target_unauthorized');
      expect(first.json).toMatchObject({ outcome: 'rejected', target });
      expect(gateway.upstream).toHaveLength(1);

      await rests(gateway, id, 30);
      gateway.advance(29 * SECOND_MS);
      await rests(gateway, id, 1);
      gateway.advance(1 * SECOND_MS);
      expectProblem(await read(gateway.origin, id), 502, 'target_unauthorized');
      expect(gateway.upstream).toHaveLength(2);
      await rests(gateway, id, 60);

      const other = await read(gateway.origin, good);
      expect(other.status).toBe(200);
      expect(JSON.stringify([first, gateway.logs])).not.toMatch(
        /wrong-\w+-(?:secret|token|password)/,
      );
    });
  });

  it.each([
    ['naver-wrong', NAVER],
    ['nerm-wrong', NERM],
    ['nerm-wrong-client', NERM],
    ['iam-wrong', IAM],
    ['senlin-wrong', SENLIN],
  ])('are sent by two at once at first, and by one after each rest: %s', async (target, good) => {
    await withGateway({ targets: wrong }, async (gateway) => {
      const id = `${target}:${upstreamIdOf(good)}`;
      const burst = async (): Promise<number> => {
        const before = gateway.upstream.length;
        const release = gateway.holdUpstream();
        const asked = Array.from({ length: 40 }, () => read(gateway.origin, id));
        await new Promise((resolve) => setTimeout(resolve, 400));
        release();
        for (const answer of await Promise.all(asked)) {
          expectProblem(answer, 502, 'target_unauthorized');
        }
        return gateway.upstream.length - before;
      };
      expect(await burst()).toBeLessThanOrEqual(2);
      for (const seconds of [30, 60]) {
        gateway.advance(seconds * SECOND_MS);
        expect(await burst()).toBe(1);
      }
    });
  });

  it('cost one try however many ask at once', async () => {
    await withGateway({ targets: wrong }, async (gateway) => {
      const id = `iam-wrong:${upstreamIdOf(IAM)}`;
      const answers = await Promise.all(Array.from({ length: 20 }, () => read(gateway.origin, id)));
      for (const answer of answers) expectProblem(answer, 502, 'target_unauthorized');
      expect(gateway.upstream).toHaveLength(1);
    });
  });
});

/** Asks twice and checks that nothing went out, for about `seconds` more. */
async function rests(gateway: RunningGateway, id: string, seconds: number): Promise<void> {
  const seen = gateway.upstream.length;
  for (const answer of [await read(gateway.origin, id), await patch(gateway.origin, id, {})]) {
    expectProblem(answer, 502, 'target_unauthorized');
    const retryAfter = Number(answer.headers['retry-after']);
    expect(retryAfter).toBeGreaterThan(seconds - 3);
    expect(retryAfter).toBeLessThanOrEqual(seconds);
    expect(answer.json.retryAfterSeconds).toBe(retryAfter);
  }
  expect(gateway.upstream.length).toBe(seen);
}

describe('a token', () => {
  const byClient = {
    'nerm-client': (origin: string) => ({
      ...wrong['nerm-wrong-client'](origin),
      auth: {
        method: 'clientCredentials',
        tokenUrl: `${origin}/nerm/oauth/token`,
        clientId: 'sandbox-client',
        clientSecret: 'sandbox-client-secret',
      },
    }),
  };

  it.each([
    ['senlin', SENLIN, 3_600],
    ['iam', IAM, 86_400],
    ['nerm', `nerm-client:${SEEDED_IDS.plain}`, 749],
  ])('of %s is asked for once, and renewed before its end', async (_, id, lifetimeS) => {
    await withGateway({ targets: byClient }, async (gateway) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => read(gateway.origin, id)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(gateway.upstream.filter(isTokenRequest)).toHaveLength(1);
      gateway.advance((lifetimeS - 60) * SECOND_MS);
      expect((await read(gateway.origin, id)).status).toBe(200);
      expect(gateway.upstream.filter(isTokenRequest)).toHaveLength(1);
      gateway.advance(40 * SECOND_MS);
      await Promise.all(Array.from({ length: 50 }, () => read(gateway.origin, id)));
      expect(gateway.upstream.filter(isTokenRequest)).toHaveLength(2);
      gateway.advance(2 * lifetimeS * SECOND_MS);
      expect((await read(gateway.origin, id)).status).toBe(200);
      expect(gateway.upstream.filter(isTokenRequest)).toHaveLength(3);
      expect(gateway.upstream.filter(({ status }) => status >= 400)).toEqual([]);
    });
  });

  it.each([
    ['one write each', { description: 'ended' }, 20],
    ['two writes each', { description: 'ended', status: 'inactive' }, 40],
  ])('of iam that each write ends loses no other write: %s', async (_, body, changes) => {
    await withGateway({}, async (gateway) => {
      const ids = Array.from({ length: 20 }, (_, i) => i.toString(16).padStart(32, '0'));
      for (const id of ids) gateway.sandbox('iam').seed(id, {});
      const answers = await Promise.all(
        ids.map((id) => patch(gateway.origin, `iam-demo:${id}`, body)),
      );
      expect(answers.map(told)).toEqual(answers.map(() => ({ status: 200, outcome: 'applied' })));
      for (const id of ids) {
        expect(gateway.sandbox('iam').stored(id)).toMatchObject({ description: 'ended' });
      }
      expect(gateway.sandbox('iam').journal()).toHaveLength(changes);
    });
  });

  it('of 32 KB is carried', async () => {
    const targets = { 'iam-long': iamTarget(LONG_TOKEN_FOLDER) };
    await withGateway({ targets }, async (gateway) => {
      const id = `iam-long:${SEEDED.demo}`;
      const answer = await patch(gateway.origin, id, { description: 'by a long token' });
      expect(told(answer)).toEqual({ status: 200, outcome: 'applied' });
      const stored = gateway.sandbox(LONG_TOKEN_FOLDER).stored(SEEDED.demo);
      expect(stored).toMatchObject({ description: 'by a long token' });
    });
  });
});

const told = (answer: Answer) => ({
  status: answer.status,
  outcome: part(answer, 'write').outcome ?? answer.json.code,
});
