import {
  fail,
  type JsonObject,
  ownFault,
  type Result,
  succeed,
  valueAt,
} from '../adapter-kit/index.ts';
import type { MatchItem, MatchSide } from '../state/matches/match-rows.ts';
import { matchKeyText, scalarText } from './match-key.ts';
import { MATCH_PAGES_MAX, MATCH_PROFILES_MAX } from './match-limits.ts';
import { type MatchProgress, type MatchSpec, type ReadRun, targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import type { StepDone } from './run-step.ts';

/** A profile in canonical form, with its upstream id. */
type ListedProfile = JsonObject & { readonly upstreamId: string };

/** Lists one page of the target of a side, and makes rows of its profiles. */
export async function listStep(
  { hash, listPage }: Pick<MatchingPorts, 'hash' | 'listPage'>,
  { id, progress, spec }: ReadRun<{ readonly id: string }>,
  side: MatchSide,
): Promise<Result<StepDone>> {
  const { position, ...rest } = progress;
  const target = targetsOf(spec)[side];
  const page = await listPage(target, position);
  if (!page.ok) return page;
  const { cursor, isShifting, isTruncated, items: profiles } = page.value;
  if (isTruncated === true) {
    const detail = `The target ${target} does not list all of its profiles.`;
    return fail(ownFault('target_invalid_response', detail));
  }
  const items: MatchItem[] = [];
  for (const { content, upstreamId } of profiles) {
    items.push(await itemOf(hash, id, spec, side, { ...content, upstreamId }));
  }
  const { first, second } = progress.listed;
  const total = (side === 0 ? first : second) + items.length;
  const listed = side === 0 ? { first: total, second } : { first, second: total };
  const pages = rest.pages + 1;
  if (total > MATCH_PROFILES_MAX || pages > MATCH_PAGES_MAX) {
    const detail = `The target ${target} has more than ${MATCH_PROFILES_MAX} profiles.`;
    return fail(ownFault('target_invalid_response', detail));
  }
  if (cursor !== undefined) {
    const next = { ...rest, position: cursor, pages, listed };
    return succeed({ items, progress: isShifting === true ? withShifting(next, side) : next });
  }
  const phase = side === 0 ? 'list_second' : 'read_links';
  return succeed({ items, progress: { ...rest, phase, pages, listed } });
}

/** Notes that the list of a side has pages that shift. */
function withShifting(progress: MatchProgress, side: MatchSide): MatchProgress {
  const { shifting = [] } = progress;
  const name = side === 0 ? 'first' : 'second';
  return shifting.includes(name) ? progress : { ...progress, shifting: [...shifting, name] };
}

async function itemOf(
  hash: MatchingPorts['hash'],
  run: string,
  spec: MatchSpec,
  side: MatchSide,
  profile: ListedProfile,
): Promise<MatchItem> {
  const { upstreamId } = profile;
  const text = matchKeyText(spec.keys, side, profile);
  // Only within one run are hashes equal, so that runs show nothing of each other.
  const hashed = text ?? JSON.stringify({ side, upstreamId });
  return {
    side,
    upstreamId,
    key: await hash(`${run}\n${hashed}`),
    hasKey: text !== undefined,
    newLinkId: side === 0 ? newLinkIdOf(spec, profile) : '',
  };
}

/** Returns the id of a new link; empty where the profile has no text for it. */
function newLinkIdOf({ newLinkId }: MatchSpec, profile: ListedProfile): string {
  if (newLinkId === undefined) return profile.upstreamId;
  const text = scalarText(valueAt(profile, newLinkId.pointer))?.trim() ?? '';
  return text === '' ? '' : (newLinkId.prefix ?? '') + text;
}
