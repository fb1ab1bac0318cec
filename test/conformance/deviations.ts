/** Where a vendor departs from a law by its own rules. One that no longer departs fails. */
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
