import type { Adapter, JsonObject } from '../contract/index.ts';
import type { CallerBook } from './callers.ts';
import type { Links } from './links.ts';
import type { LogLevel } from './log.ts';
import type { Router } from './routes.ts';
import type { Target } from './target.ts';

/** What one version of the configuration became; requests keep the version they began with. */
export type Gateway = {
  readonly adapters: readonly Adapter[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Where ids go that name no target. */
  readonly router: Router;
  /** What those ids are called at the targets; undefined: there are no links. */
  readonly links: Links | undefined;
  /** Undefined: everybody may call, from loopback only. */
  readonly callers: CallerBook | undefined;
  /** Least level that is logged, where the runtime does not tell another. */
  readonly logLevel?: LogLevel | undefined;
  /** Names what is in force, links included; the same wherever the same is configured. */
  readonly version: string;
  /** Unix milliseconds. */
  readonly loadedAtMs: number;
  /** The configuration with its secrets hidden. */
  readonly effective: JsonObject;
};
