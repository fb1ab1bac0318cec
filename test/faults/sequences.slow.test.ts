import { testSequences } from './sequence-ends.ts';

testSequences(10_000);
