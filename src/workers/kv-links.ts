import { type Link, type LinksOpened, LinksUnavailable } from '../routing/links.ts';
import type { Environment } from './bindings.ts';

/** Longest key of Workers KV, in bytes; it takes neither "." nor "..". */
const KEY_BYTES_MAX = 512;

/**
 * Links in the KV binding `LINKS`: under each id, the `targets` of its link as JSON. They are
 * looked up one by one and kept nearby for a minute, so a change takes as long to be seen.
 */
export function openLinksBinding({ LINKS }: Environment, source: string): LinksOpened {
  if (source !== 'LINKS' || LINKS === undefined) {
    return { ok: false, problems: ['must be LINKS, and a KV namespace bound under this name'] };
  }
  const find = async (id: string): Promise<Link | undefined> => {
    if (!isKey(id)) return undefined;
    const text = await LINKS.get(id).catch(unavailable);
    return text === null ? undefined : readLinkTargets(text);
  };
  return { ok: true, links: { find } };
}

function unavailable(): never {
  throw new LinksUnavailable();
}

function isKey(id: string): boolean {
  return id !== '.' && id !== '..' && new TextEncoder().encode(id).length <= KEY_BYTES_MAX;
}

/** A value that is no link must not count as none: the id would be sent on as it is. */
function readLinkTargets(text: string): Link {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NoLink();
  const targets = Object.entries(value).map(([name, upstreamId]): [string, string] => {
    if (typeof upstreamId !== 'string') throw new NoLink();
    return [name, upstreamId];
  });
  return new Map(targets);
}

/** The value under an id in the KV namespace is no link. */
class NoLink extends Error {
  override name = 'NoLink';
}
