import { testSequences } from './sequence-ends.ts';

testSequences(200);
