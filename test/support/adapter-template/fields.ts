import type { Field } from '../../../src/adapter-kit/index.ts';

/** One declaration for each field that the vendor documents; `docs/adapters.md` has examples. */
export const fields: readonly Field[] = [];
