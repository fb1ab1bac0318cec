import { testPointerLaw } from './pointer-law.ts';

testPointerLaw(10_000);
