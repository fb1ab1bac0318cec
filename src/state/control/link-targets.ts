import type { LinkTargets } from './control-rows.ts';

/** Reads the targets of a stored link; throws where others have written what is no link. */
export function parseLinkTargets(text: string | undefined): LinkTargets | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new TypeError('no link');
  const targets = Object.entries(value).map(([name, upstreamId]): [string, string] => {
    if (typeof upstreamId !== 'string') throw new TypeError('no link');
    return [name, upstreamId];
  });
  return Object.fromEntries(targets);
}
