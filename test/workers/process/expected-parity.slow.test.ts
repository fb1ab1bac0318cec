import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothRuntimes, type Mode, startBoth, TARGETS } from './answer-parity.ts';

const APPLIED = '200 applied response';
const READ_BACK = '200 applied read_back';
const INVALID = '502 target_invalid_response';

/** Answers to a read and to a write, and what follows from each of them at Senlin. */
const EXPECTED: readonly (readonly [answer: string, read: string, write: string])[] = [
  ['as-it-is', '200', APPLIED],
  ['one-100', '200', APPLIED],
  ['all-1xx', '200', APPLIED],
  ['gzip', '200', APPLIED],
  ['x-gzip', '200', APPLIED],
  ['deflate', '200', APPLIED],
  ['br', '200', APPLIED],
  ['gzip-cut', INVALID, READ_BACK],
  ['gzip-bomb', INVALID, READ_BACK],
  ['bom', '200', APPLIED],
  ['latin1', INVALID, READ_BACK],
  ['gzip-latin1', INVALID, READ_BACK],
  ['404-id-latin1', '502 target_misconfigured', '502 target_misconfigured rejected'],
  ['empty-200', INVALID, READ_BACK],
  ['empty-204', INVALID, READ_BACK],
  ['303', '502 target_misconfigured', READ_BACK],
  ['307', '502 target_misconfigured', READ_BACK],
  ['huge', INVALID, READ_BACK],
  ['chunked', '200', APPLIED],
  ['too-short', '503 target_unavailable', READ_BACK],
];

const cases = EXPECTED.flatMap(([answer, read, write]) => [
  { answer, mode: 'read' as Mode, expected: read },
  { answer, mode: 'write' as Mode, expected: write },
]);
let both: BothRuntimes;
beforeAll(async () => {
  both = await startBoth(cases);
});
afterAll(() => both.stop());

test.concurrent.each(cases)(
  '$answer to a $mode: Node and Workers answer alike, $expected',
  async (each) => {
    for (const target of TARGETS) {
      const { onNode, onWorkers } = await both.ask(each, target);
      expect(onWorkers, target).toEqual(onNode);
      if (target === 'senlin-demo') expect(onNode.summary).toBe(each.expected);
    }
  },
);

test('nothing is written to a profile whose text is not UTF-8', async () => {
  const each = { answer: 'latin1', mode: 'patch' as const };
  const own = await startBoth([each]);
  try {
    for (const target of TARGETS) {
      const { onNode, onWorkers } = await own.ask(each, target);
      expect(onWorkers, target).toEqual(onNode);
      if (target === 'nerm-demo') continue;
      expect(onNode.summary).toBe(`${INVALID} rejected`);
      expect(onNode.sent.filter((line) => !/^GET |auth.tokens/.test(line))).toEqual([]);
    }
  } finally {
    await own.stop();
  }
});
