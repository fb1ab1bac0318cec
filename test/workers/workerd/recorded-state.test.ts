import { expect, test } from 'vitest';
import {
  begun,
  inObject,
  KEY,
  keyed,
  openWriteOf,
  receiptOf,
  request,
  SETTLE_MS,
  startInstance,
  WRITE_MS,
} from './object-parts.ts';

const UNKNOWN_KEY = { caller: 'crm', id: 'alice', fingerprint: 'f', sealed: '' };

test('a write is stored when it begins, and its end takes it out again', () =>
  inObject('ended', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const lease = await begun(object, 'one');
    expect([lease.fence, object.wakes]).toEqual([1, [1_000_000 + WRITE_MS]]);
    expect(object.ledger.openWrite()).toMatchObject({ writeId: 'one', intent: '{"of":"one"}' });
    expect(await object.state.amend?.(lease, '{"before":"x"}')).toBe(true);
    expect(object.ledger.openWrite()?.intent).toBe('{"before":"x"}');
    object.state.markInDoubt(lease, SETTLE_MS);
    object.state.clearInDoubt(lease);
    expect(object.state.end(lease, { receipt: receiptOf('one') })).toBeUndefined();
    expect(object.ledger.openWrite()).toBeUndefined();
    expect(await object.state.amend?.(lease, '{}')).toBe(false);
    expect(await object.state.receipt?.('one')).toMatchObject({ outcome: 'applied', position: 1 });
    expect((await begun(object, 'two')).fence).toBe(2);
  }));

test('who would write meanwhile is kept out until the write that was cut off is closed', () =>
  inObject('cut off', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const lease = await begun(startInstance(storage, clock), 'one', keyed('same'));
    clock.nowMs += 5_000;
    const next = startInstance(storage, clock);
    const leftMs = WRITE_MS + SETTLE_MS - 5_000;
    expect(await next.state.begin(request('two'))).toEqual({ kind: 'in_doubt', leftMs });
    expect(await next.state.begin(request('two', keyed('other')))).toMatchObject({ leftMs });
    expect(await next.state.begin(request('two', keyed('same')))).toEqual({ kind: 'in_progress' });
    expect(await next.state.inDoubtMs({ key: KEY })).toBe(leftMs);
    const open = next.ledger.openWrite();
    if (open === undefined) throw new Error('the write is lost');
    expect([next.state.holds(open), open.lookAtMs, open.looks]).toEqual([false, clock.nowMs, 1]);
    // Once it can no longer be applied, it is still to be closed.
    clock.nowMs += WRITE_MS + SETTLE_MS;
    expect(await next.state.begin(request('two'))).toEqual({ kind: 'in_doubt', leftMs: 1_000 });
    const answer = { ...UNKNOWN_KEY, keyHash: 'same', outcome: 'rejected' };
    next.state.close(open, {
      receipt: receiptOf('one', { outcome: 'rejected' }),
      doubtMs: 0,
      answer,
    });
    expect(await next.state.begin(request('two', keyed('same')))).toMatchObject({
      kind: 'answered',
      answer: { outcome: 'rejected', sealed: '', writeId: 'one' },
    });
    // The instance that began it has been replaced; its end counts no more.
    expect(await next.state.end(lease, { receipt: receiptOf('one') })).toBe('fenced');
    expect(next.receipts.list({ max: 9 }).map(({ outcome }) => outcome)).toEqual(['rejected']);
    expect((await begun(next, 'two')).fence).toBe(2);
  }));

test('an answer that became known meanwhile stays', () =>
  inObject('known answer', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const first = startInstance(storage, clock);
    const lease = await begun(first, 'one', keyed('same'));
    first.state.markInDoubt(lease, SETTLE_MS);
    const next = startInstance(storage, clock);
    const repeat = await next.state.begin(request('two', keyed('same')));
    expect(repeat).toMatchObject({ kind: 'answered', leftMs: WRITE_MS + SETTLE_MS });
    const known = { ...UNKNOWN_KEY, keyHash: 'same', outcome: 'applied', sealed: 's' };
    await next.state.replaceAnswer({ ...known, writeId: 'one' });
    const open = next.ledger.openWrite();
    if (open === undefined) throw new Error('the write is lost');
    const answer = { ...known, sealed: '' };
    next.state.close(open, { receipt: receiptOf('one'), doubtMs: 0, answer });
    expect(next.answers.find('same')).toMatchObject({ outcome: 'applied', sealed: 's' });
    expect(await next.state.inDoubtMs({ key: KEY })).toBe(0);
  }));

test('a write whose request is gone is closed, and frees the profile', () =>
  inObject('gone', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const lease = await begun(object, 'one');
    expect(await object.state.begin(request('two'))).toEqual({ kind: 'busy' });
    const open = object.ledger.openWrite();
    if (open === undefined) throw new Error('the write is lost');
    expect([object.state.holds(open), open.looks]).toEqual([true, 0]);
    object.state.close(open, { receipt: receiptOf('one', { outcome: 'unknown' }), doubtMs: 0 });
    await begun(object, 'two');
    // Should it go on after all, it does not end the write of another.
    expect(await object.state.end(lease, { receipt: receiptOf('one') })).toBe('fenced');
    expect(object.ledger.openWrite()?.writeId).toBe('two');
    expect(await object.state.begin(request('three'))).toEqual({ kind: 'busy' });
    expect(object.receipts.list({ max: 9 })).toHaveLength(1);
  }));

test('the late closing of a write forgets no later one', () =>
  inObject('late closing', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const lease = await begun(object, 'one');
    const one = openWriteOf(object);
    void object.state.end(lease, { receipt: receiptOf('one') });
    const next = await begun(object, 'two');
    object.ledger.lookAgain(one, clock.nowMs + 1);
    expect(openWriteOf(object)).toMatchObject({ looks: 0, lookAtMs: clock.nowMs + WRITE_MS });
    storage.sql.exec('ALTER TABLE receipt RENAME TO away');
    void object.state.end(next, { receipt: receiptOf('two') });
    storage.sql.exec('ALTER TABLE away RENAME TO receipt');
    expect(object.state.close(one, { receipt: receiptOf('one'), doubtMs: 0 })).toBe(false);
    expect(await object.state.begin(request('three'))).toMatchObject({ kind: 'in_doubt' });
    const two = openWriteOf(object);
    expect(object.state.close(two, { receipt: receiptOf('two'), doubtMs: 0 })).toBe(true);
    expect((await begun(object, 'three')).fence).toBe(3);
  }));

test('whoever finds a write that was cut off sees that it is looked at', () =>
  inObject('no alarm', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const lease = await begun(startInstance(storage, clock), 'one', keyed('same'));
    const next = startInstance(storage, clock);
    expect(next.wakes).toEqual([]);
    await next.state.begin(request('two'));
    expect(next.wakes).toEqual([undefined]);
    next.state.markInDoubt(lease, SETTLE_MS);
    await next.state.begin(request('two'));
    expect(next.wakes).toEqual([undefined, undefined]);
  }));

test('nothing is begun that cannot be stored', () =>
  inObject('full at begin', async (storage) => {
    const object = startInstance(storage, { nowMs: 1_000_000 });
    storage.sql.exec('ALTER TABLE lease RENAME TO away');
    expect(await object.state.begin(request('one'))).toEqual({ kind: 'unavailable' });
    storage.sql.exec('ALTER TABLE away RENAME TO lease');
    await begun(object, 'two');
  }));

test('an end that cannot be stored is stored in no part, and left to be closed', () =>
  inObject('full at end', async (storage) => {
    const object = startInstance(storage, { nowMs: 1_000_000 });
    const lease = await begun(object, 'one', keyed('same'));
    storage.sql.exec('ALTER TABLE receipt RENAME TO away');
    const answer = { ...UNKNOWN_KEY, keyHash: 'same', outcome: 'applied', sealed: 's' };
    expect(object.state.end(lease, { receipt: receiptOf('one'), answer })).toBeUndefined();
    storage.sql.exec('ALTER TABLE away RENAME TO receipt');
    expect(object.ledger.openWrite()?.writeId).toBe('one');
    expect(object.answers.find('same')).toBeUndefined();
    expect(await object.state.begin(request('two'))).toMatchObject({ kind: 'in_doubt' });
  }));

test('an intent and a receipt that do not fit in a row are stored without their text', () =>
  inObject('too long', async (storage) => {
    const object = startInstance(storage, { nowMs: 1_000_000 });
    const long = `"${'ä'.repeat(500_000)}"`;
    const lease = await begun(object, 'one', { intent: long });
    expect(object.ledger.openWrite()?.intent).toBe('');
    void object.state.end(lease, { receipt: receiptOf('one', { body: long }) });
    expect(object.receipts.find('one')).toMatchObject({ outcome: 'applied', body: '{}' });
  }));
