import { count } from '../support/counts.ts';
import { testSequences } from './sequence-ends.ts';

testSequences(count(1_000, 10_000));
