import { describe, expect, test } from 'vitest';
import type { Change, Fault } from '../../../src/adapter-kit/index.ts';
import { type ChangeBuckets, classifyByRead } from '../../../src/writes/classify-changes.ts';
import type { Confirmation } from '../../../src/writes/compare.ts';
import {
  completed,
  rejectedOrPartial,
  type Shown,
  type UnknownReason,
  unknown,
} from '../../../src/writes/outcome.ts';
import type { Movement } from '../../../src/writes/vendor-timeline.ts';
import {
  startWrite,
  type WriteState,
  withRead,
  withResend,
  withUnresolvedSend,
} from '../../../src/writes/write-state.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';
import { HIDDEN, NAME, NEW, NOTE, OLD, profile } from './deciding.ts';

const NOTHING: ChangeBuckets = { confirmed: [], notStored: [], conflicting: [], unconfirmed: [] };
const DONE: WriteState = { ...startWrite([]), initialProfile: OLD };
const RESENT = withResend(DONE);
const LATE = withUnresolvedSend(RESENT, [NOTE]);
const NO: Fault = { code: 'rejected_by_target', detail: 'No.', effect: 'none' };
const PARTIAL = 'The target applied only a part of the patch.';

describe('a write whose changes were all accepted', () => {
  type Row = [
    expected: object,
    buckets: Partial<ChangeBuckets>,
    movement: Movement,
    state?: WriteState,
    isNoop?: true,
  ];
  const confirmed = { confirmed: [NAME] };
  const hidden = { unconfirmed: [NAME] };
  const half = { notStored: [NOTE], unconfirmed: [NAME] };

  test.each<Row>([
    [{ outcome: 'applied', unconfirmed: [] }, confirmed, 'unmoved'],
    [{ outcome: 'applied', unconfirmed: ['/name'] }, hidden, 'moved'],
    [{ outcome: 'applied', unconfirmed: ['/name'] }, hidden, 'unknown'],
    [{ outcome: 'noop', unconfirmed: ['/name'] }, hidden, 'unmoved'],
    [{ outcome: 'unknown', reason: 'not_comparable' }, hidden, 'unmoved', RESENT],
    [{ outcome: 'noop' }, confirmed, 'unknown', DONE, true],
    [{ outcome: 'applied' }, confirmed, 'moved', DONE, true],
    [{ outcome: 'applied' }, confirmed, 'unknown', RESENT, true],
    [
      { outcome: 'partial', applied: ['/name'], notApplied: ['/description'], unconfirmed: [] },
      { ...confirmed, notStored: [NOTE] },
      'unmoved',
    ],
    [{ outcome: 'partial', applied: [], unconfirmed: ['/name'] }, half, 'moved'],
    [{ outcome: 'partial', applied: [], unconfirmed: ['/name'] }, half, 'untimed'],
    [{ outcome: 'unknown', reason: 'not_comparable' }, half, 'unknown'],
    [{ outcome: 'rejected', fault: { code: 'not_stored' } }, half, 'unmoved'],
    [{ outcome: 'rejected' }, { notStored: [NOTE] }, 'moved'],
    [
      { outcome: 'partial', applied: ['/name'], unconfirmed: ['/name'] },
      { ...confirmed, ...half },
      'moved',
    ],
    [
      { outcome: 'unknown', reason: 'retry_failed', sent: ['/description'], notApplied: ['/name'] },
      { notStored: [NAME, NOTE] },
      'unmoved',
      LATE,
    ],
    [
      { outcome: 'unknown', reason: 'conflicting_value', applied: ['/name'] },
      { ...confirmed, conflicting: [NOTE] },
      'moved',
    ],
  ])('is %j', (expected, buckets, movement, state = DONE, isNoop) => {
    const shown: Shown = {
      profile: NEW,
      buckets: { ...NOTHING, ...buckets },
      evidence: 'read',
      movement,
      isNoop: isNoop === true,
    };
    expect(completed(state, shown)).toMatchObject(expected);
  });
});

describe('a write whose next request was refused', () => {
  const left: WriteState = { ...DONE, pending: [NOTE] };
  test.each<[object, Partial<ChangeBuckets>, WriteState]>([
    [{ outcome: 'rejected', fault: NO, notApplied: ['/description'] }, {}, left],
    [{ outcome: 'partial', applied: ['/name'] }, { confirmed: [NAME] }, left],
    [{ outcome: 'partial', unconfirmed: ['/name'] }, { unconfirmed: [NAME] }, left],
    [
      { fault: { code: 'partially_applied', detail: `${PARTIAL} No.` } },
      { confirmed: [NAME] },
      left,
    ],
    [
      { outcome: 'unknown', reason: 'conflicting_value', sent: ['/name'] },
      { conflicting: [NAME] },
      left,
    ],
    [{ outcome: 'unknown', reason: 'retry_failed' }, {}, { ...LATE, pending: [NAME, NOTE] }],
    [{ outcome: 'unknown', reason: 'retry_failed' }, { notStored: [NOTE] }, LATE],
  ])('is %j', (expected, buckets, state) => {
    expect(rejectedOrPartial(state, { ...NOTHING, ...buckets }, NO)).toMatchObject(expected);
  });

  test('has no cause to tell where there is none', () => {
    const shown = { profile: NEW, evidence: 'read', movement: 'moved', isNoop: false } as const;
    const buckets = { ...NOTHING, confirmed: [NAME], notStored: [NOTE] };
    expect(completed(DONE, { ...shown, buckets })).toMatchObject({ fault: { detail: PARTIAL } });
  });
});

describe('an accepted change, after a read,', () => {
  const timed = (name: string, updatedAt: string) => profile({ name, updatedAt });
  const before = timed('old', '2026-01-01T00:00:00Z');
  type Row = [
    bucket: keyof ChangeBuckets,
    response: Confirmation,
    read: ReturnType<typeof profile>,
    known?: ReturnType<typeof profile> | 'none',
    movement?: Movement,
    change?: Change,
  ];
  test.each<Row>([
    ['confirmed', 'unconfirmed', NEW],
    ['confirmed', 'contradicted', NEW],
    ['conflicting', 'confirmed', OLD],
    ['notStored', 'unconfirmed', OLD],
    ['notStored', 'contradicted', OLD],
    ['notStored', 'contradicted', timed('old', '2026-02-02T00:00:00Z'), before],
    ['conflicting', 'contradicted', profile({ name: 'old', description: 'other' })],
    ['conflicting', 'contradicted', profile({ name: 'third' })],
    ['notStored', 'contradicted', OLD, 'none', 'unmoved'],
    ['conflicting', 'contradicted', OLD, 'none', 'moved'],
    ['unconfirmed', 'unconfirmed', OLD, OLD, 'unmoved', HIDDEN],
    ['unconfirmed', 'confirmed', OLD, OLD, 'moved', HIDDEN],
  ])('is %s: the response said %s', (bucket, confirmation, read, known = OLD, movement, change) => {
    const start = withRead(startWrite([]), known === 'none' ? undefined : known);
    const state = { ...start, accepted: [{ change: change ?? NAME, confirmation }] };
    const buckets = classifyByRead(state, read, movement ?? 'moved');
    expect(buckets).toEqual({ ...NOTHING, [bucket]: [change ?? NAME] });
  });
});

test('what is shown elsewhere than it is written is compared there', () => {
  const field = fieldOf({ pointer: '/ids', confirmation: 'count', readBackPointer: '/shown' });
  const list = changeOf(field, ['a']);
  const state: WriteState = {
    ...withRead(startWrite([]), profile({ name: 'old', shown: [] })),
    accepted: [list, NAME].map((change) => ({ change, confirmation: 'unconfirmed' })),
  };
  const buckets = classifyByRead(state, profile({ name: 'old', shown: ['A'] }), 'moved');
  expect(buckets).toEqual({ ...NOTHING, unconfirmed: [list], notStored: [NAME] });
});

const BEFORE = profile({ name: 'old', description: 'old' });

test.each([undefined, BEFORE])('a value that is gone again leaves no proof for others', (known) => {
  const state: WriteState = {
    ...withRead(startWrite([]), known),
    accepted: [
      { change: NAME, confirmation: 'confirmed' },
      { change: NOTE, confirmation: 'unconfirmed' },
    ],
  };
  const buckets = classifyByRead(state, BEFORE, 'unmoved');
  expect(buckets).toEqual({ ...NOTHING, conflicting: [NAME, NOTE] });
});

test.each(['unconfirmed', 'confirmed'] as const)(
  'what is stored, %s by its response, does not hide that the rest is not',
  (confirmation) => {
    const state: WriteState = {
      ...withRead(startWrite([]), OLD),
      accepted: [
        { change: NOTE, confirmation },
        { change: NAME, confirmation: 'unconfirmed' },
      ],
    };
    const read = profile({ name: 'old', description: 'text' });
    const buckets = classifyByRead(state, read, 'moved');
    expect(buckets).toEqual({ ...NOTHING, confirmed: [NOTE], notStored: [NAME] });
  },
);

describe('the fault', () => {
  test.each<[UnknownReason, string]>([
    ['read_back_failed', 'it could not be read back'],
    ['conflicting_value', 'the profile has values that are neither the old nor the intended ones'],
    ['not_comparable', 'the target does not return the written fields in a comparable form'],
    ['unproven', 'nothing proves that the first attempt changed nothing'],
    ['queued', 'the target may still apply it later'],
    ['retry_failed', 'it failed a second time'],
  ])('of an unknown outcome says why: %s', (reason, why) => {
    const detail = `It is unknown if the write was applied: ${why}.`;
    const fault = { code: 'outcome_unknown', detail, effect: 'possible' };
    expect(unknown(DONE, reason, NOTHING)).toMatchObject({ reason, fault });
    const cause = { fault: { detail: `${detail} No.`, effect: 'possible' } };
    expect(unknown(DONE, reason, NOTHING, NO)).toMatchObject(cause);
  });

  test('of a rejected write says that it had no effect, of a partial one that it may have', () => {
    const shown = { profile: OLD, evidence: 'read', movement: 'unmoved', isNoop: false } as const;
    const rejected = completed(DONE, { ...shown, buckets: { ...NOTHING, notStored: [NAME] } });
    expect(rejected).toMatchObject({ fault: { code: 'not_stored', effect: 'none' } });
    const buckets = { ...NOTHING, confirmed: [NOTE], notStored: [NAME] };
    expect(completed(DONE, { ...shown, buckets })).toMatchObject({ fault: { effect: 'possible' } });
  });
});
