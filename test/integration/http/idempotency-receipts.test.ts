import { describe, expect, it } from 'vitest';
import nerm from '../../../adapters/nerm/index.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { type Answers, createMemoryAnswers } from '../../../src/state/answers.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';
import { createLocalState } from '../../../src/state/local-state.ts';
import type { NamedAnswer, StoredReceipt } from '../../../src/state/state-database.ts';
import { document, ID } from '../../state/replicas.ts';
import { clockOf } from '../../support/clock.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { checkResponse } from '../openapi/response-check.ts';

const PATH = `/profiles/acme:${ID}`;
const PROFILE = {
  id: ID,
  uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
  name: 'Dana Example',
  status: 'Active',
  attributes: { site: 'Berlin' },
  created_at: '2026-01-05T08:00:00.000Z',
  updated_at: '2026-03-01T11:59:59.000Z',
};

type Staged = {
  readonly outcome: string;
  /** The body of the receipt; undefined: there is none, `unavailable`: it cannot be read. */
  readonly receipt?: JsonObject | 'unavailable' | undefined;
  readonly sealed?: string;
  readonly inDoubtMs?: number;
  readonly canRead?: boolean;
};

/** Asks for a write whose key has an answer that the caller's key does not open. */
async function askRecovered(staged: Staged, site = 'Berlin') {
  const { canRead = true, inDoubtMs = 0, outcome, receipt, sealed = '' } = staged;
  const clock = clockOf(() => Date.parse('2026-03-01T12:00:00Z'));
  const kept = createMemoryAnswers(clock);
  const replaced: NamedAnswer[] = [];
  const answers: Answers = {
    ...kept,
    // Whatever was asked for first, it was the same.
    store: (answer) => kept.store({ ...answer, outcome, sealed, writeId: WRITE_ID }),
    replace: (answer) => {
      replaced.push(answer);
      kept.replace(answer);
    },
  };
  const doubts = createInDoubtRegistry(clock.monotonicMs);
  const stored = { kind: 'write', key: `account nerm ${ORIGIN}\n${ID}`, id: `acme:${ID}` };
  const state = {
    ...createLocalState({ answers, doubts, lockScope: 'machine' }),
    receipt: async (writeId: string): Promise<StoredReceipt | 'unavailable' | undefined> => {
      if (receipt === undefined || receipt === 'unavailable') return receipt;
      const body = JSON.stringify(receipt);
      const row = { ...stored, writeId, target: 'acme', caller: '', outcome, body };
      return { ...row, position: 1, atMs: 0 };
    },
  };
  const gateway = await createInMemoryGateway({
    document,
    adapters: [nerm],
    clock,
    state,
    fetch: async (request) => {
      const headers = {
        'content-type': 'application/json',
        date: new Date(clock.now()).toUTCString(),
      };
      const isShown = canRead || request.method !== 'GET';
      return isShown
        ? new Response(JSON.stringify({ profile: PROFILE }), { headers })
        : new Response('{}', { status: 404, headers });
    },
  });
  const ask = async () => {
    const headers = { 'idempotency-key': '"k"' };
    const answer = await gateway.ask('PATCH', PATH, { body: { attributes: { site } }, headers });
    const shown = Object.fromEntries(answer.headers);
    expect(checkResponse('PATCH', PATH, answer.status, shown, answer.text)).toEqual([]);
    return answer;
  };
  await ask();
  if (inDoubtMs > 0) doubts.mark(stored.key, inDoubtMs);
  const first = gateway.sent.length;
  const answer = await ask();
  const isReplayed = receipt !== 'unavailable';
  expect(answer.headers.get('x-write-id') === WRITE_ID).toBe(isReplayed);
  expect(answer.headers.get('idempotency-replayed')).toBe(isReplayed ? 'true' : null);
  const sent = gateway.sent.slice(first).map(({ method }) => method);
  return { answer, sent, replaced, ask };
}

const WRITE_ID = '11111111-2222-4333-8444-555555555555';
const ORIGIN = 'http://127.0.0.1:8788/api';
const BODY = { upstreamId: ID };

describe('the answer to a key whose write another has closed', () => {
  it.each(['applied', 'noop'])('is read from the profile: %s', async (outcome) => {
    const receipt = { ...BODY, unconfirmed: ['/attributes/site'], evidence: 'read_back' };
    const { answer, ask, replaced, sent } = await askRecovered({ outcome, receipt });
    expect(answer.body).toMatchObject({
      profile: { attributes: { site: 'Berlin' } },
      write: { outcome, evidence: 'read_back', unconfirmed: ['/attributes/site'], atomic: true },
    });
    expect(answer.headers.get('etag')).toMatch(/^"/);
    expect(sent).toEqual(['GET']);
    expect(replaced).toMatchObject([{ outcome, writeId: WRITE_ID }]);
    expect((await ask()).text).toBe(answer.text);
  });

  it('shows no profile that cannot be read', async () => {
    const receipt = { ...BODY, unconfirmed: [] };
    const { answer } = await askRecovered({ outcome: 'applied', receipt, canRead: false });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      profile: { upstreamId: ID },
      write: { outcome: 'applied' },
    });
  });

  it.each<[string, Staged, JsonObject]>([
    [
      'rejected',
      { outcome: 'rejected', receipt: { ...BODY, reason: 'not_applied', unconfirmed: [] } },
      { code: 'not_stored', outcome: 'rejected', notApplied: ['/attributes/site'] },
    ],
    [
      'rejected by the vendor',
      { outcome: 'rejected', receipt: { ...BODY, code: 'rejected_by_target', unconfirmed: [] } },
      { status: 422, code: 'rejected_by_target', outcome: 'rejected' },
    ],
    [
      'partial',
      {
        outcome: 'partial',
        receipt: { ...BODY, applied: ['/a'], notApplied: ['/b'], unconfirmed: ['/c'] },
      },
      {
        code: 'partially_applied',
        outcome: 'partial',
        applied: ['/a'],
        notApplied: ['/b'],
        unconfirmed: ['/c'],
      },
    ],
    [
      'partial, without its receipt',
      { outcome: 'partial' },
      { code: 'outcome_unknown', outcome: 'unknown', sent: ['/attributes/site'] },
    ],
    [
      'unknown, and the profile cannot be read',
      {
        outcome: 'unknown',
        receipt: { ...BODY, reason: 'not_comparable' },
        canRead: false,
        inDoubtMs: 30_000,
      },
      { code: 'outcome_unknown', reason: 'not_comparable', retryAfterSeconds: 30 },
    ],
    ['rejected, without its receipt', { outcome: 'rejected' }, { code: 'not_stored' }],
  ])('is the problem of its receipt: %s', async (_, staged, problem) => {
    const { answer, sent } = await askRecovered(staged);
    expect(answer.body).toMatchObject(problem);
    expect(sent).not.toContain('PATCH');
  });

  it.each([{ receipt: BODY }, {}])(
    'is what the profile shows, where that was unknown: %#',
    async (more) => {
      const { answer, sent } = await askRecovered({
        outcome: 'unknown',
        inDoubtMs: 30_000,
        ...more,
      });
      expect(answer.body).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
      expect(sent).toEqual(['GET']);
    },
  );

  it.each(['applied', 'unknown'])('is not guessed without a look at it: %s', async (outcome) => {
    const { answer, replaced, sent } = await askRecovered({ outcome, receipt: 'unavailable' });
    expect(answer.body).toMatchObject({ code: 'state_unavailable', outcome: 'rejected' });
    expect([sent, replaced]).toEqual([[], []]);
  });

  it('stays unknown where the profile shows other values, and the write is not sent', async () => {
    const settled = await askRecovered({ outcome: 'unknown' }, 'Bonn');
    expect(settled.answer.body).toMatchObject({
      code: 'outcome_unknown',
      reason: 'conflicting_value',
    });
    expect(settled.sent).toEqual(['GET']);
    expect(settled.replaced).toEqual([]);
    const early = await askRecovered({ outcome: 'unknown', inDoubtMs: 30_000 }, 'Bonn');
    expect(early.answer.body).toMatchObject({ retryAfterSeconds: 30 });
  });

  it('is the same where what is sealed does not open', async () => {
    const { answer } = await askRecovered({
      outcome: 'applied',
      sealed: 'AAAAAAAAAAAAAAAAAAAAAAAA',
    });
    expect(answer.body).toMatchObject({ write: { outcome: 'applied' } });
  });
});
