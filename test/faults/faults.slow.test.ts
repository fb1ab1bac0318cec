import { expect } from 'vitest';
import { count } from '../support/counts.ts';
import { testKnownEnds, tooOftenUnknown } from './known-ends.ts';

testKnownEnds(count(2_000, 10_000), (judged) => expect(tooOftenUnknown(judged)).toEqual([]));
