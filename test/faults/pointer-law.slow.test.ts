import { count } from '../support/counts.ts';
import { testPointerLaw } from './pointer-law.ts';

testPointerLaw(count(1_000, 10_000));
