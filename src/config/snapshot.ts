import type { Adapter, JsonObject } from '../adapter-kit/index.ts';
import type { CallerBook } from '../auth/caller-registry.ts';
import type { Links } from '../routing/links.ts';
import type { Router } from '../routing/router.ts';
import type { LogLevel } from '../telemetry/log.ts';
import type { Target } from '../upstream/target.ts';
import type { ConfigProblem } from './diagnostics.ts';

/** A new version of the configuration that could not be used, while an older one serves on. */
export type RejectedReload = { readonly atMs: number; readonly problems: readonly ConfigProblem[] };

/** One version of the configuration, ready to serve; requests keep the version they began with. */
export type ConfigSnapshot = {
  readonly adapters: readonly Adapter[];
  readonly targets: ReadonlyMap<string, Target>;
  /** Rules for ids that name no target. */
  readonly router: Router;
  /** Names of those ids at the targets; undefined: there are no links. */
  readonly links: Links | undefined;
  /** Undefined: everybody may call, from loopback only. */
  readonly callers: CallerBook | undefined;
  /** Origins whose pages may call; undefined: none but the gateway's own. */
  readonly corsOrigins?: ReadonlySet<string> | undefined;
  /** True if the runtime may serve its reference page. */
  readonly hasDocs?: boolean;
  /** Least level that is logged, where the runtime sets no other. */
  readonly logLevel?: LogLevel | undefined;
  /** Names what is in force, links included; the same wherever the same is configured. */
  readonly version: string;
  /** Unix milliseconds. */
  readonly loadedAtMs: number;
  /** The configuration with its secrets hidden. */
  readonly effective: JsonObject;
};
