import type { Adapter } from '../../../src/adapter-kit/index.ts';

const modules = import.meta.glob<{ readonly default: Adapter }>('../../../adapters/*/index.ts', {
  eager: true,
});

/** Every adapter by its folder: the list in `adapters/` is generated itself. */
export const vendors: readonly Adapter[] = Object.values(modules).map((module) => module.default);
