import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/writes/plan.ts';
import {
  EVIDENCE,
  startWrite,
  withAccepted,
  withFitting,
  withRead,
  withUnresolvedSend,
} from '../../../src/writes/write-state.ts';
import { changeOf, fieldOf } from '../../support/fields.ts';
import { NAME, NEW, NOTE, OLD } from './deciding.ts';

test('evidence is one of three', () => {
  expect(EVIDENCE).toEqual(['response', 'read', 'read_back']);
  expect(startWrite([]).evidence).toBe('response');
});

test('the initial profile is the last one before something was accepted', () => {
  const first = withRead(withRead(startWrite([NAME, NOTE]), NEW), OLD);
  expect(first.initialProfile).toBe(OLD);
  const second = withAccepted(first, [NAME], undefined, undefined);
  expect(withRead(second, NEW).initialProfile).toBe(OLD);
  expect(second.pending).toEqual([NOTE]);
});

test('refusals and sends add up over the runs of a plan', () => {
  const [one, two]: Refusal[] = ['/a', '/b'].map((pointer) => ({
    pointer,
    code: 'read_only',
    detail: 'is read-only',
  }));
  const state = withFitting(
    withFitting(startWrite([NAME, NOTE]), [NAME, NOTE], [one as Refusal]),
    [NAME],
    [two as Refusal],
  );
  expect(state).toMatchObject({ refusals: [one, two], pending: [NAME] });
  const sent = withUnresolvedSend(withUnresolvedSend(state, [NAME]), [NOTE]);
  expect(sent).toMatchObject({ unresolvedSends: 2, unanswered: [NAME, NOTE] });
});

test('a response that shows nothing confirms nothing, not even what was cleared', () => {
  const cleared = changeOf(fieldOf(), null);
  const { accepted } = withAccepted(startWrite([cleared]), [cleared], undefined, undefined);
  expect(accepted).toEqual([{ change: cleared, confirmation: 'unconfirmed' }]);
});
