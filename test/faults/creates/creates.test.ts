import { createSuite } from './create-suite.ts';

createSuite(60, 60_000);
