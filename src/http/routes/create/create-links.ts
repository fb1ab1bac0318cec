import type { Context } from 'hono';
import { type Fault, ownFault } from '../../../adapter-kit/index.ts';
import { LINK_TARGETS_MAX } from '../../../limits.ts';
import type { Ports } from '../../../ports.ts';
import type { CreateLinks } from '../../../profiles/create/create-run.ts';
import { type Links, LinksUnavailable } from '../../../routing/links.ts';
import { resolvesTo } from '../../../routing/resolve.ts';
import type { Target } from '../../../upstream/target.ts';
import { routeRequest } from '../../request-state.ts';

/** Returns how a new profile of `target` is linked to the id that its caller wants. */
export async function linksOfCreate(
  c: Context,
  { state }: Ports,
  target: Target,
  id: string | undefined,
): Promise<CreateLinks> {
  if (id === undefined) return UNLINKED;
  const gateway = c.get('gateway');
  const { links } = gateway;
  const refusal =
    state.addLinkTarget === undefined ? unlinkable() : await refuseLink(links, target, id);
  const below = refusal === undefined ? await links?.changes?.below?.find(id) : undefined;
  return {
    refusal,
    below: Object.fromEntries(below ?? []),
    leadingId: async (upstreamId) =>
      (await resolvesTo(routeRequest(c, id), gateway, { target, upstreamId })) ? id : undefined,
  };
}

const UNLINKED: CreateLinks = {
  refusal: undefined,
  below: {},
  leadingId: async () => undefined,
};

/** Returns why an id cannot be linked to another profile of a target, or undefined. */
async function refuseLink(
  links: Links | undefined,
  { name }: Target,
  id: string,
): Promise<Fault | undefined> {
  try {
    const link = await links?.find(id);
    if (link?.has(name) === true) {
      return ownFault('link_exists', `The id has a link to the target ${name} already.`);
    }
    if ((link?.size ?? 0) < LINK_TARGETS_MAX) return undefined;
    return ownFault('link_exists', `The id has links to ${LINK_TARGETS_MAX} targets already.`);
  } catch (error) {
    if (!(error instanceof LinksUnavailable)) throw error;
    const detail = 'The links cannot be read now; nothing was sent.';
    return ownFault('state_unavailable', detail, { retryAfterSeconds: 1 });
  }
}

function unlinkable(): Fault {
  const detail = 'Links cannot be set here: `state` in the configuration keeps them.';
  const error = { pointer: '/id', code: 'unsupported_field', detail } as const;
  return ownFault('unsupported_patch', `${detail} Nothing was sent.`, { errors: [error] });
}
