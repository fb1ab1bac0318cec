import { describe, expect, test } from 'vitest';
import { fail, type Json, type StoredProfile, succeed } from '../../../src/adapter-kit/index.ts';
import { decide } from '../../../src/writes/decide.ts';
import {
  startWrite,
  type WriteState,
  withAccepted,
  withRead,
  withResend,
  withUnresolvedSend,
} from '../../../src/writes/write-state.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';
import {
  afterResponse,
  CLOCK,
  HIDDEN,
  LOST,
  NAME,
  NEW,
  NOTE,
  OLD,
  profile,
  SENT_AT_MS,
} from './deciding.ts';

describe('writes that were answered by 2xx', () => {
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

  test('are no change by the response only where it shows none', () => {
    const shown = profile({ name: 'new', updatedAt: '2026-05-05T10:00:00Z' });
    const decidedFrom = (before: StoredProfile) =>
      afterResponse(shown, { noop: true }, withRead(startWrite([NAME]), before));
    expect(decidedFrom(OLD)).toMatchObject({ outcome: { outcome: 'applied' } });
    expect(decidedFrom(shown)).toMatchObject({ outcome: { outcome: 'noop' } });
  });

  test('are unknown where the response contradicts them and no read follows', () => {
    expect(afterResponse(OLD, { read: fail(LOST) })).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'read_back_failed', sent: ['/name'] },
    });
  });

  test('are applied where each response confirmed its own, and no read shows the rest', () => {
    const state = withAccepted(startWrite([NAME]), [NAME], NEW.content, OLD.content);
    const written = { profile: undefined };
    const all = { kind: 'accepted', written, last: [NAME], sentAtMs: SENT_AT_MS } as const;
    expect(decide(state, all, CLOCK)).toMatchObject({ kind: 'read_back' });
    expect(decide(state, { ...all, read: fail(LOST) }, CLOCK)).toMatchObject({
      outcome: { outcome: 'applied', evidence: 'response', profile: undefined },
    });
  });

  test('are unknown where nothing is stored after a resend', () => {
    const resent = withUnresolvedSend(withResend(withRead(startWrite([NAME]), OLD)), [NAME]);
    expect(afterResponse(OLD, { read: succeed(OLD) }, resent)).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'retry_failed', sent: ['/name'] },
    });
  });

  test('are not told as not stored where another writer has changed one of them', () => {
    const before = profile({ name: 'old', description: 'old' });
    const read = profile({ name: 'old', description: 'by another' });
    const start = withRead(startWrite([NAME, NOTE]), before);
    const state = withAccepted(start, [NAME, NOTE], undefined, before.content);
    const sent = { kind: 'accepted', written: { profile: undefined }, last: [] } as const;
    expect(decide(state, { ...sent, read: succeed(read), sentAtMs: 0 }, CLOCK)).toMatchObject({
      outcome: { outcome: 'unknown', sent: ['/name', '/description'], notApplied: [] },
    });
  });

  test('of a list that is shown elsewhere are compared with what stood there', () => {
    const field = fieldOf({ confirmation: 'count', readBackPointer: '/shown' });
    const list = changeOf(field, ['a', 'b']);
    const start = withRead(startWrite([list]), profile({ shown: [] }));
    const sent = { kind: 'accepted', written: { profile: undefined }, last: [list] } as const;
    const decided = (shown: Json) => {
      const state = withAccepted(start, [list], undefined, undefined);
      const read = succeed(profile({ shown }));
      return decide(state, { ...sent, read, sentAtMs: SENT_AT_MS }, CLOCK);
    };
    expect(decided([])).toMatchObject({ outcome: { outcome: 'rejected' } });
    expect(decided(['x'])).toMatchObject({ outcome: { reason: 'conflicting_value' } });
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
