import { testKnownEnds } from './known-ends.ts';

/** Too few cases of a class to judge the share of unknown ends; the slow test has enough. */
const CASES = 200;

testKnownEnds(CASES, () => {});
