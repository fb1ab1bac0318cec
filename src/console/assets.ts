import { ownFault } from '../adapter-kit/index.ts';
import type { Handler } from '../http/pipeline.ts';
import { respond, respondProblem, setResponseHeader } from '../http/responses.ts';

/** Files that pages load, by their names in addresses, with their media types. */
export const ASSET_TYPES = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'uplot.css': 'text/css; charset=utf-8',
  'uplot.js': 'text/javascript; charset=utf-8',
} as const;
export type AssetName = keyof typeof ASSET_TYPES;

/** Resolves with the text of a file. */
export type ReadAsset = (name: AssetName) => Promise<string>;

/** `GET /console/assets/{name}`: the same for everybody, so nobody has to sign in for it. */
export function serveAsset(read: ReadAsset): Handler {
  const texts = new Map<AssetName, Promise<string>>();
  return async (c) => {
    const name = c.req.param('name') ?? '';
    if (!isAsset(name)) return respondProblem(c, ownFault('not_found', 'There is no such file.'));
    const text = texts.get(name) ?? read(name);
    texts.set(name, text);
    // What could not be read is tried again by the next request.
    text.catch(() => texts.delete(name));
    // They change with the gateway alone; the browser asks again only now and then.
    setResponseHeader(c, 'Cache-Control', 'public, max-age=300');
    return respond(c, 200, ASSET_TYPES[name], await text);
  };
}

function isAsset(name: string): name is AssetName {
  return Object.hasOwn(ASSET_TYPES, name);
}
