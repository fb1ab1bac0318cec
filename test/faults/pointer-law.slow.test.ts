import { count } from '../support/counts.ts';
import { testPointerLaw } from './pointer-law.ts';

testPointerLaw(count(500, 10_000));
