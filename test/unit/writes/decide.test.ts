import { describe, expect, test } from 'vitest';
import { type Fault, fail, succeed } from '../../../src/adapter-kit/index.ts';
import { decide, decideBeforeSend } from '../../../src/writes/decide.ts';
import {
  startWrite,
  withAccepted,
  withResend,
  withUnresolvedSend,
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
  shown,
  type Unanswered,
  unread,
} from './deciding.ts';

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
      'that was refused, perhaps the second time, and changed nothing is rejected',
      { fault: { ...LOST, effect: 'none' }, read: succeed(OLD) },
      { outcome: { outcome: 'rejected' }, state: { unresolvedSends: 0, unanswered: [] } },
    ],
    [
      'that was refused, perhaps the second time, and is shown is applied',
      { fault: { ...LOST, effect: 'none' }, read: succeed(NEW) },
      { outcome: { outcome: 'applied', evidence: 'read_back' } },
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
    const state = withUnresolvedSend(withResend(startWrite([NAME])), [NAME]);
    expect(decide(state, { kind: 'refused', fault }, CLOCK)).toMatchObject({
      outcome: { outcome: 'unknown', reason: 'retry_failed', sent: ['/name'] },
    });
  });

  test('of a second write is partial, although the first was sent twice', () => {
    const resent = withUnresolvedSend(withResend(startWrite([NAME, NOTE])), [NAME]);
    const state = withAccepted(resent, [NAME], NEW.content, OLD.content);
    expect(decide(state, { kind: 'refused', fault }, CLOCK)).toMatchObject({
      outcome: { outcome: 'partial', applied: ['/name'], notApplied: ['/description'] },
      state: { unresolvedSends: 1 },
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
    expect(decideBeforeSend(state, NEW, true)).toMatchObject({ outcome: 'noop', evidence: 'read' });
    expect(decideBeforeSend(withResend(state), NEW, false)).toMatchObject({
      outcome: 'applied',
      evidence: 'read_back',
    });
  });
});
