import type { Slip } from './mutate.ts';

/** Slips by the file they are made in, beyond those that the operators make. */
export const SLIPS: Readonly<Record<string, readonly Slip[]>> = {
  'writes/write-profile': [
    {
      name: 'no in-doubt mark before the send',
      find: 'exchange.lease = lease',
      replace: 'exchange.lease = undefined',
    },
  ],
};
