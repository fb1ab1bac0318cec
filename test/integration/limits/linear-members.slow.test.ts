import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { expectLinear } from './growth.ts';
import { type FirstWrite, gatewayBefore } from './vendors.ts';

/** A sixteenth of as many as a test has. */
const MEMBERS_FEW = 300;

const READS_FIRST = { 'if-match': '*' };

/** How a write goes on, what the vendor does first, how it ends, and headers of the request. */
type WritePath = readonly [string, FirstWrite, 'nerm' | 'senlin', string, Record<string, string>];

const PATHS: readonly WritePath[] = [
  ['a write', 'is answered', 'nerm', '"outcome":"applied"', {}],
  ['a write', 'is answered', 'senlin', '"outcome":"applied"', {}],
  ['a read-back', 'loses its answer', 'nerm', '"outcome":"applied"', {}],
  ['a read-back', 'loses its answer', 'senlin', '"outcome":"applied"', {}],
  ['a resend', 'is lost', 'nerm', '"outcome":"applied"', READS_FIRST],
  ['an unproven write', 'is lost', 'senlin', '"code":"outcome_unknown"', {}],
  ['an unproven write', 'is lost', 'nerm', '"code":"outcome_unknown"', {}],
  ['a read after "nothing changed"', 'is said to change nothing', 'nerm', '"outcome":"noop"', {}],
  [
    'a read after "nothing changed"',
    'is said to change nothing',
    'senlin',
    '"outcome":"applied"',
    {},
  ],
];

test.each(PATHS)(
  '%s of many members that %s by %s',
  async (_, firstWrite, target, end, headers) => {
    await expectLinear(MEMBERS_FEW, async (count) => {
      const gateway = await gatewayBefore({ firstWrite, attributes: members(count, 'old') });
      const text = JSON.stringify({ attributes: members(count, 'new') });
      return async () => {
        const answer = await gateway.ask('PATCH', gateway.freshPath(target), { headers, text });
        expect(answer.text).toContain(end);
      };
    });
  },
);

test.each(['nerm', 'senlin'] as const)('a read of many members at %s', async (target) => {
  await expectLinear(MEMBERS_FEW, async (count) => {
    const gateway = await gatewayBefore({ attributes: members(count, 'old') });
    return async () => {
      const { status } = await gateway.ask('GET', gateway.freshPath(target));
      expect(status).toBe(200);
    };
  });
});

test.each([
  ['nerm', ''],
  ['nerm', '?read=true'],
  ['senlin', ''],
  ['senlin', '?read=true'],
] as const)('an explanation of many members at %s with %j', async (target, query) => {
  await expectLinear(MEMBERS_FEW, async (count) => {
    const gateway = await gatewayBefore({ attributes: members(count, 'old') });
    const text = JSON.stringify({ attributes: members(count, 'new') });
    return async () => {
      const path = `${gateway.freshPath(target)}/explain${query}`;
      const answer = await gateway.ask('POST', path, { text });
      expect(answer.text).toContain('"prediction":"write"');
    };
  });
});

function members(count: number, value: string): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));
}
