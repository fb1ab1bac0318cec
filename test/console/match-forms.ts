import { KEYS } from '../integration/lifecycle/operating.ts';
import type { TestReplica } from '../state/replicas.ts';
import { consoleOf } from './in-process.ts';
import { createVisitor } from './visitor.ts';

/** Somebody who has signed in at the console of a replica. */
export async function visitorAt(replica: TestReplica, by: keyof typeof KEYS = 'ops') {
  const visitor = createVisitor(consoleOf(replica.gateway));
  await visitor.signIn(KEYS[by]);
  return visitor;
}

/** Content of the form of a new run. */
export const FORM = {
  ...{ first: 'acme', second: 'far', 'pointer-1': '/name', 'second-pointer-1': '' },
  ...{ 'case-1': 'ignore', 'blanks-1': 'collapse', rate: '50', reason: 'move of the north' },
};
