import type { Adapter } from '../contract/index.ts';
import type { CallerBook } from './callers.ts';
import type { Target } from './target.ts';

/** What one version of the configuration became; requests keep the version they began with. */
export type Gateway = {
  readonly adapters: readonly Adapter[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Where ids go that name no target. */
  readonly defaultTarget: Target | undefined;
  /** Undefined: everybody may call, from loopback only. */
  readonly callers: CallerBook | undefined;
};
