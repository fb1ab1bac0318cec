import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothRuntimes, MODES, startBoth, TARGETS } from './answer-parity.ts';
import { answers } from './vendor-answers.ts';

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

const START_MS = 120_000;
const CASE_MS = 240_000;

const expectedAt: ReadonlyMap<string, string> = new Map(
  EXPECTED.flatMap(([answer, read, write]) => [
    [`${answer} to read`, read],
    [`${answer} to write`, write],
  ]),
);

const cases = Object.keys(answers).flatMap((answer) => MODES.map((mode) => ({ answer, mode })));
let both: BothRuntimes;
beforeAll(async () => {
  both = await startBoth(cases);
}, START_MS);
afterAll(() => both.stop());

test.concurrent.each(cases)(
  '$answer to $mode: Node and Workers answer alike',
  async (each) => {
    for (const target of TARGETS) {
      const { onNode, onWorkers } = await both.ask(each, target);
      expect(onWorkers, target).toEqual(onNode);
      const expected = expectedAt.get(`${each.answer} to ${each.mode}`);
      if (target === 'senlin-demo' && expected !== undefined) {
        expect(onNode.summary).toBe(expected);
      }
    }
  },
  CASE_MS,
);

test('every answer with an expected end is asked', () => {
  const asked = cases.map(({ answer, mode }) => `${answer} to ${mode}`);
  expect([...expectedAt.keys()].filter((name) => !asked.includes(name))).toEqual([]);
});

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
