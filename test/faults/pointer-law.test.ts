import { testPointerLaw } from './pointer-law.ts';

testPointerLaw(Number(process.env.RUNS ?? 60));
