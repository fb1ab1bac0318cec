import { testPointerLaw } from './pointer-law.ts';

testPointerLaw(60);
