import { count } from '../../support/counts.ts';
import { createSuite } from './create-suite.ts';

createSuite(count(1_000, 10_000), 3_600_000);
