import { describe, expect, test } from 'vitest';
import { type Change, type Fault, fail, succeed } from '../../../src/adapter-kit/index.ts';
import { acceptedBuckets, decide } from '../../../src/writes/decide.ts';
import {
  type SendResult,
  startWrite,
  type WriteState,
  withAccepted,
  withRead,
  withResend,
} from '../../../src/writes/write-state.ts';
import {
  afterLoss,
  CLOCK,
  HIDDEN,
  LOST,
  NAME,
  NEW,
  NOTE,
  OLD,
  profile,
  SENT_AT_MS,
  unread,
} from './deciding.ts';

const HIDDEN_NOTE: Change = { ...NOTE, field: { ...NOTE.field, confirmation: 'never' } };
const BOTH = profile({ name: 'new', description: 'text' });
const NO: Fault = { code: 'rejected_by_target', detail: 'No.', effect: 'none' };

const accepted = (more: Partial<Extract<SendResult, { kind: 'accepted' }>>): SendResult => ({
  kind: 'accepted',
  written: { profile: undefined },
  last: [NOTE],
  sentAtMs: SENT_AT_MS,
  ...more,
});
const start: WriteState = withRead(startWrite([NAME, NOTE]), OLD);

describe('the last of two responses', () => {
  const first = withAccepted(start, [NAME], undefined, OLD.content);
  const state = withAccepted(first, [NOTE], BOTH.content, OLD.content);

  test('confirms the first write too, where it shows the whole profile', () => {
    expect(decide(state, accepted({ written: { profile: BOTH } }), CLOCK)).toMatchObject({
      outcome: { outcome: 'applied', evidence: 'response', unconfirmed: [] },
    });
  });

  test('is followed by a read where it contradicts the first write', () => {
    const gone = profile({ name: 'old', description: 'text' });
    expect(decide(state, accepted({ written: { profile: gone } }), CLOCK).kind).toBe('read_back');
  });
});

describe('a response', () => {
  const hidden = withRead(startWrite([HIDDEN]), profile({ updatedAt: '2026-01-01T00:00:00Z' }));

  test('that confirms a value is enough, although the profile did not move', () => {
    const same = profile({ name: 'new', updatedAt: '2026-01-01T00:00:00Z' });
    const state = withAccepted(withRead(startWrite([NAME]), same), [NAME], same.content, undefined);
    const sent = accepted({ written: { profile: same }, last: [NAME] });
    expect(decide(state, sent, CLOCK)).toMatchObject({ outcome: { outcome: 'applied' } });
  });

  test('that shows a profile that moved is enough, although it does not show the value', () => {
    const moved = profile({ updatedAt: '2026-05-05T12:00:00Z' });
    const state = withAccepted(hidden, [HIDDEN], moved.content, undefined);
    const sent = accepted({ written: { profile: moved }, last: [HIDDEN] });
    expect(decide(state, sent, CLOCK)).toMatchObject({
      outcome: { outcome: 'applied', unconfirmed: ['/name'] },
    });
  });

  test.each<[string, WriteState, true | undefined, object]>([
    ['no change: no change', hidden, true, { outcome: 'noop' }],
    ['no change, to the second send: unknown', withResend(hidden), true, { outcome: 'unknown' }],
    ['nothing: unknown', hidden, undefined, { outcome: 'unknown', reason: 'read_back_failed' }],
  ])('that is not followed by a read says %s', (_, from, noop, outcome) => {
    const state = withAccepted(from, [HIDDEN], undefined, undefined);
    const written = { profile: undefined, ...(noop === undefined ? {} : { noop }) };
    expect(decide(state, accepted({ written }), CLOCK).kind).toBe('read_back');
    expect(decide(state, accepted({ written, read: fail(LOST) }), CLOCK)).toMatchObject({
      outcome,
    });
  });
});

test('"no change" does not stand against a profile that contradicts it', () => {
  const state = withAccepted(withRead(startWrite([NAME]), OLD), [NAME], OLD.content, undefined);
  const sent = accepted({ written: { profile: OLD, noop: true }, last: [NAME], read: fail(LOST) });
  expect(decide(state, sent, CLOCK)).toMatchObject({
    outcome: { outcome: 'unknown', reason: 'read_back_failed' },
  });
});

describe('a refused second write', () => {
  const refusedAfter = (content: typeof OLD | undefined, read: SendResult['read']) => {
    const state = withAccepted(start, [NAME], content?.content, OLD.content);
    const more = read === undefined ? {} : { read };
    return decide(state, { kind: 'refused', fault: NO, ...more }, CLOCK);
  };

  test('is read back only where the first is not confirmed', () => {
    expect(refusedAfter(NEW, undefined)).toMatchObject({ outcome: { outcome: 'partial' } });
    expect(refusedAfter(OLD, undefined)).toMatchObject({ kind: 'read_back' });
    expect(refusedAfter(undefined, undefined)).toMatchObject({ kind: 'read_back' });
  });

  test.each<[string, typeof OLD | undefined, NonNullable<SendResult['read']>, object]>([
    ['shown', undefined, succeed(NEW), { outcome: 'partial', applied: ['/name'], unconfirmed: [] }],
    ['as before', undefined, succeed(OLD), { outcome: 'rejected' }],
    ['not read', undefined, fail(LOST), { outcome: 'partial', unconfirmed: ['/name'] }],
    [
      'contradicted and not read',
      OLD,
      fail(LOST),
      { outcome: 'unknown', reason: 'read_back_failed', sent: ['/name'] },
    ],
  ])('leaves the first as it is %s', (_, content, read, outcome) => {
    expect(refusedAfter(content, read)).toMatchObject({ outcome });
  });
});

describe('a send without a response', () => {
  test('is applied whole where one of its values is new, and tells what is not shown', () => {
    const two = startWrite([NAME, HIDDEN_NOTE]);
    const sent = { changes: [NAME, HIDDEN_NOTE], read: succeed(NEW) };
    expect(afterLoss(sent, two)).toMatchObject({
      outcome: { outcome: 'applied', unconfirmed: ['/description'] },
      state: { unresolvedSends: 0 },
    });
  });

  test('is not proven by the clock after an earlier write of the same exchange', () => {
    const read = succeed(profile({ name: 'old', updatedAt: '2026-05-05T11:00:00Z' }));
    const baseline = { ...unread, excluding: ['/description'] };
    expect(afterLoss({ baseline, read })).toMatchObject({ outcome: { reason: 'unproven' } });
  });
});

test('accepted changes are sorted by what their own responses showed', () => {
  const content = profile({ name: 'new', description: 'other' }).content;
  const state = withAccepted(
    withAccepted(start, [NAME, NOTE], content, undefined),
    [HIDDEN],
    content,
    undefined,
  );
  expect(acceptedBuckets(state)).toEqual({
    confirmed: [NAME],
    notStored: [],
    conflicting: [NOTE],
    unconfirmed: [HIDDEN],
  });
});
