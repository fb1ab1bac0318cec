import type { Matching } from '../../http/routes/matches/routes.ts';
import { createMatchRunner } from '../../matching/match-runner.ts';
import type { MatchingPorts } from '../../matching/matching-ports.ts';
import type { Ports } from '../../ports.ts';
import type { Links } from '../../routing/links.ts';
import type { Target } from '../../upstream/target.ts';
import type { OpenState } from '../state/open-state.ts';
import { createTargetReader } from './page-reader.ts';

export type MatchingOptions = {
  readonly state: Pick<OpenState, 'database' | 'shared' | 'hashKey'>;
  readonly ports: Ports;
  /** The targets and links in force, which reloads may replace. */
  readonly gateway: () => {
    readonly targets: ReadonlyMap<string, Target>;
    readonly links: Links | undefined;
  };
  /** In place of the lists of the targets. */
  readonly listPage?: MatchingPorts['listPage'];
};

/** Hexadecimal digits of a key's hash: 128 bits. */
const KEY_DIGITS = 32;

/** Opens matching on a state; what fails in its own program is logged. */
export function openMatching(options: MatchingOptions): Matching {
  const { gateway, ports, state } = options;
  const { database, hashKey, shared } = state;
  const { digests, log, monotonicMs, sleep } = ports;
  const hash: MatchingPorts['hash'] = async (text) =>
    (await digests.hmacSha256(hashKey, text, 'hex')).slice(0, KEY_DIGITS);
  const matching: MatchingPorts = {
    store: database.matches,
    linkChanges: database.linkChanges,
    follow: shared.follow,
    links: () => gateway().links,
    listPage: options.listPage ?? createTargetReader(ports, () => gateway().targets),
    hash,
    monotonicMs,
    sleep,
  };
  const runner = createMatchRunner(matching, (error) => {
    const reason = error instanceof Error ? error.name : 'error';
    log({ level: 'error', event: 'match', message: 'a match run was interrupted', reason });
  });
  return { ports: matching, runner };
}
