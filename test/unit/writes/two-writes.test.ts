import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject, own } from '../../../src/adapter-kit/index.ts';
import type { TransportFailure } from '../../../src/ports.ts';
import { createBench, START_MS } from '../../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const SETTINGS = {
  baseUrl: 'https://vendor.test',
  auth: { accessKey: 'an-access-key-not-real', secretKey: 'a-secret-key-not-real' },
};
/** An edit with a duration, which needs no read, and the write that enables. */
const PATCH = { extensions: { naver: { durationSeconds: 1200 } }, status: 'active' };
const OFF = { profileId: ID, name: 'before', enabled: false, durationSeconds: 900 };
const EDITED = { ...OFF, durationSeconds: 1200, updateTime: '2026-03-01T12:00:01.000Z' };
const ON = { ...EDITED, enabled: true, updateTime: '2026-03-01T12:00:02.000Z' };

const LOST: TransportFailure = { failure: 'timeout', sent: true, reason: 'TIMEOUT' };
const UNSENT: TransportFailure = { failure: 'connect', sent: false, reason: 'ECONNREFUSED' };

type Answer = JsonObject | TransportFailure | number;

async function ended(answers: readonly Answer[], headers: Record<string, string> = {}) {
  const clock = { nowMs: START_MS };
  let next = 0;
  const bench = await createBench({
    vendor: 'naver',
    settings: SETTINGS,
    clock,
    send: async () => {
      const answer = answers[next] ?? LOST;
      next += 1;
      clock.nowMs += 1_000;
      const date = new Date(clock.nowMs).toUTCString();
      if (typeof answer === 'number') return { status: answer, headers: { date }, body: '{}' };
      if ('failure' in answer) return answer as TransportFailure;
      return { status: 200, headers: { date }, body: JSON.stringify(answer) };
    },
  });
  const { body } = await bench.ask({ id: ID, patch: JSON.stringify(PATCH), headers });
  const write = own(body, 'write');
  const sent = bench.sent.map(({ method, path }) =>
    method === 'POST' ? path.split('/').at(-1) : method,
  );
  return { sent, end: isObject(write) ? write : body };
}

const DURATION = '/extensions/naver/durationSeconds';

describe('two writes', () => {
  test('are both applied, each by its own response', async () => {
    const { end, sent } = await ended([EDITED, ON]);
    expect(sent).toEqual(['PATCH', 'enable']);
    expect(end).toMatchObject({ outcome: 'applied', evidence: 'response', unconfirmed: [] });
  });

  test.each<[string, Answer[]]>([
    ['is refused', [EDITED, 400]],
    ['never leaves', [EDITED, UNSENT, UNSENT, UNSENT, UNSENT]],
  ])('are partial where the second %s', async (_, answers) => {
    const { end, sent } = await ended(answers);
    expect(sent).not.toContain('GET');
    expect(end).toMatchObject({
      outcome: 'partial',
      applied: [DURATION],
      notApplied: ['/status'],
    });
  });

  test('end with the first where that is refused', async () => {
    const { end, sent } = await ended([400]);
    expect(sent).toEqual(['PATCH']);
    expect(end).toMatchObject({ outcome: 'rejected', notApplied: [DURATION, '/status'] });
  });

  test('are unknown where the vendor takes the first for later', async () => {
    const { end, sent } = await ended([202]);
    expect(sent).toEqual(['PATCH', 'GET', 'GET']);
    expect(end).toMatchObject({
      outcome: 'unknown',
      reason: 'queued',
      sent: [DURATION],
      notApplied: ['/status'],
    });
  });

  test('go on from the response to the first, where the second is lost and changed nothing', async () => {
    const { end, sent } = await ended([EDITED, LOST, EDITED, EDITED, ON]);
    expect(sent).toEqual(['PATCH', 'enable', 'GET', 'GET', 'enable']);
    expect(end).toMatchObject({ outcome: 'applied', unconfirmed: [] });
  });

  test('are settled by a read where the second is lost and applied', async () => {
    const { end, sent } = await ended([EDITED, LOST, ON]);
    expect(sent).toEqual(['PATCH', 'enable', 'GET']);
    expect(end).toMatchObject({ outcome: 'applied', evidence: 'read_back' });
  });

  test('are unknown where another has written after the first', async () => {
    const other = { ...EDITED, name: 'by another' };
    const { end, sent } = await ended([EDITED, LOST, other]);
    expect(sent).toEqual(['PATCH', 'enable', 'GET']);
    expect(end).toMatchObject({
      outcome: 'unknown',
      reason: 'conflicting_value',
      applied: [DURATION],
      sent: ['/status'],
    });
  });
});
