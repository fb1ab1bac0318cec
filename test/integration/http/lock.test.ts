import { describe, expect, it } from 'vitest';
import { type Answer, expectProblem, part, patch } from '../../support/client.ts';
import {
  found,
  type RunningGateway,
  type TargetSettings,
  withGateway,
} from '../../support/gateway.ts';
import { NAVER, NERM, SENLIN, senlinTarget, upstreamIdOf } from '../../support/profiles.ts';

const WAITERS_MAX = 64;

describe('many patches to one profile', () => {
  it('wait in a queue of 64; the others are told that it is full', async () => {
    await withGateway({}, async (gateway) => {
      const release = gateway.holdUpstream();
      const settled: Answer[] = [];
      const patches = Array.from({ length: 70 }, (_, i) =>
        patch(gateway.origin, SENLIN, { attributes: { [`key-${i}`]: i } }).then((answer) => {
          settled.push(answer);
          return answer;
        }),
      );
      await until(() => settled.length === 70 - 1 - WAITERS_MAX);
      for (const answer of settled) {
        expectProblem(answer, 503, 'overloaded');
        expect(answer.json.outcome).toBe('rejected');
        expect(answer.headers['retry-after']).toBe('1');
      }
      release();
      const answers = await Promise.all(patches);
      const applied = answers.flatMap((answer, i) => (answer.status === 200 ? [`key-${i}`] : []));
      expect(applied).toHaveLength(1 + WAITERS_MAX);
      expect(attributesOf(gateway).toSorted()).toEqual(applied.toSorted());
    });
  });

  it('of different attributes lose none of them', async () => {
    await withGateway({}, async (gateway) => {
      const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`);
      const answers = await Promise.all(
        keys.map((key) => patch(gateway.origin, SENLIN, { attributes: { [key]: key } })),
      );
      expect(answers.map((answer) => part(answer, 'write').outcome)).toEqual(
        keys.map(() => 'applied'),
      );
      expect(attributesOf(gateway).toSorted()).toEqual(keys.toSorted());
      expect(gateway.sandbox('senlin').journal()).toHaveLength(60);
    });
  });

  it.each([
    ['id namespace', { idNamespace: found(SENLIN.split(':')[0]) }],
    ['account', {}],
    ['account that has two id namespaces', { idNamespace: 'apart' }],
  ])('through two targets of one %s wait for each other', async (_, settings) => {
    const twin: TargetSettings = (origin) => ({
      ...senlinTarget('sandbox-password')(origin),
      ...settings,
    });
    await withGateway({ targets: { twin } }, async (gateway) => {
      const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);
      const answers = await Promise.all(
        keys.map((key, i) => {
          const id = i % 2 === 0 ? SENLIN : `twin:${upstreamIdOf(SENLIN)}`;
          return patch(gateway.origin, id, { attributes: { [key]: key } });
        }),
      );
      expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
      expect(attributesOf(gateway).toSorted()).toEqual(keys.toSorted());
    });
  });

  it('with the same If-Match: one wins', async () => {
    await withGateway({}, async (gateway) => {
      for (const id of [SENLIN, NERM, NAVER]) {
        const { headers } = await patch(gateway.origin, id, {});
        const ifMatch = { 'if-match': found(headers.etag) };
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            patch(gateway.origin, id, { name: `writer-${i}` }, ifMatch),
          ),
        );
        const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
        expect(statuses).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
      }
    });
  });
});

describe('patches to other profiles', () => {
  it('do not wait for a profile whose vendor is slow', async () => {
    await withGateway({}, async (gateway) => {
      const release = gateway.holdUpstream();
      const slow = patch(gateway.origin, SENLIN, { name: 'slow' });
      await until(() => gateway.logs.length === 0);
      const refused = await patch(gateway.origin, NERM, { description: 'x' });
      expectProblem(refused, 422, 'unsupported_patch');
      release();
      expect((await slow).status).toBe(200);
    });
  });
});

function attributesOf(gateway: RunningGateway): string[] {
  const metadata = gateway.sandbox('senlin').stored(upstreamIdOf(SENLIN))?.metadata;
  return Object.keys(found(metadata) as object);
}

/** Waits until something holds, for ten seconds at most. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to be');
}
