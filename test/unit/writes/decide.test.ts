import { describe, expect, test } from 'vitest';
import {
  type Change,
  type Fault,
  fail,
  type Json,
  type JsonObject,
  type StoredProfile,
  succeed,
} from '../../../src/adapter-kit/index.ts';
import { decide, decideBeforeSend } from '../../../src/writes/decide.ts';
import {
  type SendResult,
  startWrite,
  type UnansweredSend,
  type WriteState,
  withAccepted,
  withRead,
  withResend,
  withUnresolvedSend,
} from '../../../src/writes/write-state.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';

const SENT_AT_MS = Date.parse('2026-05-05T12:00:00Z');
/** The vendor's clock, a second after the send. */
const CLOCK = { date: 'Tue, 05 May 2026 12:00:01 GMT', atMs: SENT_AT_MS + 1000 };
const LOST: Fault = { code: 'target_timeout', detail: 'No response.', effect: 'possible' };

const change = (name: string, value: Json): Change =>
  changeOf(fieldOf({ pointer: `/${name}`, wireName: name }), value);
const profile = (content: JsonObject): StoredProfile => ({ upstreamId: 'p', content });

const NAME = change('name', 'new');
const NOTE = change('description', 'text');
const OLD = profile({ name: 'old' });
const NEW = profile({ name: 'new' });
const HIDDEN: Change = { ...NAME, field: { ...NAME.field, confirmation: 'never' } };

type Unanswered = Partial<UnansweredSend> & Pick<SendResult, 'read'>;

/** Decides after a send of `NAME` without a response; `before` was read ahead of it. */
function afterLoss(more: Unanswered, start = startWrite([NAME]), clock = CLOCK) {
  const baseline = { profile: OLD, excluding: [] };
  const send = { fault: LOST, changes: [NAME], baseline, sentAtMs: SENT_AT_MS, ...more };
  const state = withUnresolvedSend(withRead(start, send.baseline.profile), send.changes);
  return decide(state, { kind: 'no_response', ...send }, clock);
}

const unread = { profile: undefined, excluding: [] };
const shown = (content: JsonObject) => succeed(profile(content));
const ago = (updatedAt: string) => shown({ name: 'old', updatedAt });

describe('a send without a response', () => {
  test.each<[string, Unanswered, object]>([
    ['is read back', {}, { kind: 'read_back' }],
    [
      'that may be queued is never sent again',
      { fault: { ...LOST, effect: 'queued' }, read: succeed(OLD) },
      { outcome: { outcome: 'unknown', reason: 'queued' } },
    ],
    [
      'that may be queued is applied where a read shows it',
      { fault: { ...LOST, effect: 'queued' }, read: succeed(NEW) },
      { outcome: { outcome: 'applied', evidence: 'read_back' }, state: { unresolvedSends: 0 } },
    ],
    [
      'whose read-back fails is unknown',
      { read: fail(LOST) },
      { outcome: { outcome: 'unknown', reason: 'read_back_failed' } },
    ],
    [
      'that is shown is applied, and can no longer be applied later',
      { read: succeed(NEW) },
      { outcome: { outcome: 'applied', evidence: 'read_back' }, state: { unresolvedSends: 0 } },
    ],
    [
      'that changed nothing is sent once more',
      { read: succeed(OLD) },
      { kind: 'resend', state: { wasResent: true, unresolvedSends: 1 } },
    ],
    [
      'that shows a third value is unknown',
      { read: shown({ name: 'third' }) },
      { outcome: { outcome: 'unknown', reason: 'conflicting_value' } },
    ],
    [
      'of a profile that nobody read is unproven without times',
      { baseline: unread, read: succeed(OLD) },
      { outcome: { outcome: 'unknown', reason: 'unproven' } },
    ],
    [
      'of a profile that was last changed long before is sent once more',
      { baseline: unread, read: ago('2026-05-05T11:59:00Z') },
      { kind: 'resend' },
    ],
    [
      'of a profile that was changed half a minute before is unproven',
      { baseline: unread, read: ago('2026-05-05T11:59:30Z') },
      { outcome: { outcome: 'unknown', reason: 'unproven' } },
    ],
    [
      'of a field that no read shows is not comparable',
      { changes: [HIDDEN], baseline: unread, read: succeed(OLD) },
      { outcome: { outcome: 'unknown', reason: 'not_comparable' } },
    ],
  ])('%s', (_, more, expected) => {
    expect(afterLoss(more)).toMatchObject(expected);
  });

  test('is not sent a third time', () => {
    const resent = withResend(startWrite([NAME]));
    expect(afterLoss({ read: succeed(OLD) }, resent)).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'retry_failed' },
    });
  });

  test('that is shown after a resend may still be applied once more', () => {
    const resent = withUnresolvedSend(withResend(startWrite([NAME])), [NAME]);
    expect(afterLoss({ read: succeed(NEW) }, resent)).toMatchObject({
      outcome: { outcome: 'applied' },
      state: { unresolvedSends: 2 },
    });
  });

  test('that is shown goes on with what is left', () => {
    expect(afterLoss({ read: succeed(NEW) }, startWrite([NAME, NOTE]))).toMatchObject({
      kind: 'resend',
      state: { wasResent: false, pending: [NOTE] },
    });
  });
});

describe('writes that were answered by 2xx', () => {
  /** Decides after a response that shows `response`. */
  function afterResponse(
    response: StoredProfile | undefined,
    { read, ...more }: { read?: SendResult['read']; noop?: true } = {},
    start: WriteState = withRead(startWrite([NAME]), OLD),
  ) {
    const state = withAccepted(start, start.pending, response?.content, OLD.content);
    const written = { profile: response, ...more };
    const sent: SendResult = {
      kind: 'accepted',
      written,
      last: [NAME],
      sentAtMs: SENT_AT_MS,
      ...(read === undefined ? {} : { read }),
    };
    return decide(state, sent, CLOCK);
  }

  test('are applied where the response shows them', () => {
    expect(afterResponse(NEW)).toMatchObject({
      outcome: { outcome: 'applied', evidence: 'response', unconfirmed: [] },
    });
  });

  test.each([
    ['shows nothing', undefined],
    ['contradicts them', OLD],
  ])('are read where the response %s', (_, response) => {
    expect(afterResponse(response)).toMatchObject({ kind: 'read_back' });
  });

  test.each<[string, StoredProfile | undefined, StoredProfile, object]>([
    ['confirmed by the read', OLD, NEW, { outcome: 'applied', evidence: 'read' }],
    [
      'contradicted by response and read',
      OLD,
      OLD,
      { outcome: 'rejected', notApplied: ['/name'], fault: { code: 'not_stored' } },
    ],
    ['contradicted by a profile that is as before', undefined, OLD, { outcome: 'rejected' }],
    [
      'contradicted, where another writer changed something too',
      undefined,
      profile({ name: 'old', description: 'by another' }),
      { outcome: 'unknown', reason: 'conflicting_value', sent: ['/name'], unconfirmed: [] },
    ],
    [
      'shown in a form of the vendor',
      profile({ name: 'NEW' }),
      profile({ name: 'NEW' }),
      { outcome: 'unknown', reason: 'conflicting_value', sent: ['/name'] },
    ],
    [
      'confirmed by the response and gone by the read',
      NEW,
      OLD,
      { outcome: 'unknown', reason: 'conflicting_value', sent: ['/name'] },
    ],
  ])('are %s', (_, response, read, outcome) => {
    expect(afterResponse(response, { read: succeed(read) })).toMatchObject({ outcome });
  });

  test('are no change only where the read shows none', () => {
    const same = profile({ name: 'new', description: 'x' });
    const start = withRead(startWrite([NAME]), same);
    const noop = afterResponse(undefined, { noop: true, read: succeed(same) }, start);
    expect(noop).toMatchObject({ outcome: { outcome: 'noop' } });
    const other = afterResponse(undefined, { noop: true, read: succeed(NEW) }, start);
    expect(other).toMatchObject({ outcome: { outcome: 'applied' } });
    const contradicted = afterResponse(undefined, { noop: true, read: succeed(OLD) });
    expect(contradicted).toMatchObject({ outcome: { outcome: 'rejected', notApplied: ['/name'] } });
  });

  test('are unknown where the response contradicts them and no read follows', () => {
    expect(afterResponse(OLD, { read: fail(LOST) })).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'read_back_failed', sent: ['/name'] },
    });
  });

  describe('of a field that nothing shows', () => {
    const timed = (updatedAt: string) => profile({ name: 'old', updatedAt });
    const before = timed('2026-05-05T10:00:00Z');
    const start = (known?: StoredProfile): WriteState => withRead(startWrite([HIDDEN]), known);

    test.each<[string, object, StoredProfile | undefined, StoredProfile]>([
      [
        'are applied where the profile moved',
        { outcome: 'applied' },
        before,
        timed('2026-05-05T12:00:00Z'),
      ],
      ['are no change where it did not', { outcome: 'noop' }, before, before],
      ['are no change where it was changed long before', { outcome: 'noop' }, undefined, before],
      ['are applied where there are no times', { outcome: 'applied' }, undefined, OLD],
    ])('%s', (_, outcome, known, response) => {
      const read = { read: succeed(response) };
      expect(afterResponse(response, read, start(known))).toMatchObject({
        outcome: { ...outcome, unconfirmed: ['/name'] },
      });
    });

    test('are read where the response shows no move', () => {
      expect(afterResponse(before, {}, start(before))).toMatchObject({ kind: 'read_back' });
    });

    test('are unknown after a resend of which nothing moved', () => {
      const resent = withResend(start(before));
      expect(afterResponse(before, { read: succeed(before) }, resent)).toMatchObject({
        outcome: { outcome: 'unknown', reason: 'not_comparable', unconfirmed: ['/name'] },
      });
    });
  });
});

describe('a refusal', () => {
  const fault: Fault = { code: 'rejected_by_target', detail: 'No.', effect: 'none' };

  test('of the first write rejects the patch', () => {
    const decision = decide(startWrite([NAME, NOTE]), { kind: 'refused', fault }, CLOCK);
    expect(decision).toMatchObject({
      outcome: { outcome: 'rejected', notApplied: ['/name', '/description'] },
    });
  });

  test('of a second write is partial', () => {
    const state = withAccepted(startWrite([NAME, NOTE]), [NAME], NEW.content, OLD.content);
    expect(decide(state, { kind: 'refused', fault }, CLOCK)).toMatchObject({
      outcome: { outcome: 'partial', applied: ['/name'], notApplied: ['/description'] },
    });
  });

  test('after a resend is unknown, since the first send may still be applied', () => {
    const state = withResend(startWrite([NAME]));
    expect(decide(state, { kind: 'refused', fault }, CLOCK)).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'retry_failed' },
    });
  });

  test('after a write that was not confirmed is decided by a read', () => {
    const state = withAccepted(startWrite([NAME, NOTE]), [NAME], undefined, undefined);
    expect(decide(state, { kind: 'refused', fault }, CLOCK)).toMatchObject({ kind: 'read_back' });
  });
});

describe('a read ahead of the send', () => {
  test('ends the write where nothing is left to do', () => {
    const state = startWrite([NAME]);
    expect(decideBeforeSend(state, OLD, true)).toBeUndefined();
    expect(decideBeforeSend(state, NEW, true)).toMatchObject({ outcome: 'noop' });
    expect(decideBeforeSend(withResend(state), NEW, false)).toMatchObject({
      outcome: 'applied',
      evidence: 'read_back',
    });
  });
});
