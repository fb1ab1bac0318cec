import type { Json } from '../../src/adapter-kit/index.ts';

/** Where a vendor departs from a law by its own rules. One that no longer departs fails. */

/** A write that changes another member of the stored state too. */
export type Deviation = {
  /** Title of the subject. */
  readonly subject: string;
  readonly law: 3;
  /** Pointer of the field whose write shows it. */
  readonly pointer: string;
  /** The stored member that changes too. */
  readonly member: string;
  readonly reason: string;
};

export const DEVIATIONS: readonly Deviation[] = [
  {
    subject: 'iam',
    law: 3,
    pointer: '/status',
    member: 'suspended_time',
    reason: 'IAM notes when a project was suspended, and forgets it when it is not any more.',
  },
];

/** A value that is not stored over some others, so that its write ends otherwise than taken. */
export type ValueDeviation = {
  readonly subject: string;
  readonly law: 1;
  /** The patch before. */
  readonly first: Json;
  /** How patches after it end. */
  readonly later: readonly { readonly patch: Json; readonly code: string }[];
  readonly reason: string;
};

export const VALUE_DEVIATIONS: readonly ValueDeviation[] = [
  {
    subject: 'senlin',
    law: 1,
    first: { attributes: { flag: false } },
    later: [
      { patch: { attributes: { flag: 0 } }, code: 'not_stored' },
      { patch: { name: 'beside', attributes: { flag: 0 } }, code: 'partially_applied' },
    ],
    reason: 'Senlin compares as Python does, where 0 is False and 1 is True: nothing changes.',
  },
];
