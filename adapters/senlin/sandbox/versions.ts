import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { jsonAnswer, SenlinFault, unsortedAnswer, webobAnswer } from './wire.ts';

export type Microversion = { readonly minor: number; readonly text: string };

/** `route` is what follows the version in the path, with its first slash. */
export type Negotiated = { readonly route: string; readonly version: Microversion };

const MINOR_MAX = 14;

/**
 * senlin/api/middleware/version_negotiation.py: version documents need no token, and a path
 * without a version returns them. Returns the answer, or what the rest of the pipeline needs.
 */
export function negotiate(request: Request, path: string, root: string): Response | Negotiated {
  const accept = request.headers.get('accept') ?? '';
  const [, first = '', rest] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? [];
  if (first === '' || first === 'versions') return versionList(root);
  if (first !== 'v1' && first !== 'v1.0' && first !== 'v1.') {
    // Compared with Senlin 14: a client that accepts JSON gets a 404 instead of the list.
    return accept === '' || accept === '*/*' ? versionList(root) : webobAnswer(404, '', accept);
  }
  const version = microversion(request, accept);
  if (version instanceof Response) return version;
  // transcript: GET /v1 (no token), and GET /v1/ (token), which is not the same.
  if (rest === undefined) return unsortedAnswer(200, { version: versionPart(`${root}/v1`) });
  return { route: rest, version };
}

/** transcript: GET /v1/ (token). */
export function versionAnswer(root: string, version: Microversion): Response {
  const { links, ...part } = versionPart(`${root}/v1`);
  return jsonAnswer(
    200,
    {
      version: {
        ...part,
        links: links.map(({ href, rel }) => ({ href, rel })),
      },
    },
    versionHeaders(version),
  );
}

/** On 200 and 201 only (transcript: error under 1.14). */
export function versionHeaders(version: Microversion): Readonly<Record<string, string>> {
  return {
    'OpenStack-API-Version': `clustering ${version.text}`,
    Vary: 'OpenStack-API-Version',
  };
}

/** transcript: microversions. An entry of another service, or without one, counts as absent. */
function microversion(request: Request, accept: string): Microversion | Response {
  const requested = (request.headers.get('openstack-api-version') ?? '')
    .split(',')
    .map((entry) => /^clustering\s+(\S.*)$/.exec(entry.trim())?.[1]?.trim())
    .findLast((text) => text !== undefined);
  if (requested === undefined) return { minor: 0, text: '1.0' };
  if (requested.toLowerCase() === 'latest') return { minor: MINOR_MAX, text: `1.${MINOR_MAX}` };
  const [, major, minor] = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(requested) ?? [];
  if (major === undefined || minor === undefined) {
    const text =
      `API Version String '${requested}' is of invalid format. ` +
      "It must be of format 'major.minor'.";
    return webobAnswer(400, text, accept);
  }
  if (major !== '1' || Number(minor) > MINOR_MAX) {
    const bounds = `Minimum is '1.0' and maximum is '1.${MINOR_MAX}'.`;
    const text = `Version '${requested}' is not supported by the API. ${bounds}`;
    throw new SenlinFault(406, 'InvalidGlobalAPIVersion', text);
  }
  return { minor: Number(minor), text: requested };
}

function versionList(root: string): Response {
  return unsortedAnswer(300, { versions: [versionPart(root)] });
}

/** The recorded document below /v1 links to itself with the version twice. */
function versionPart(root: string) {
  const mediaType = {
    base: 'application/json',
    type: 'application/vnd.openstack.clustering-v1+json',
  };
  return {
    id: '1.0',
    status: 'CURRENT',
    updated: '2016-01-18T00:00:00Z',
    'media-types': [mediaType],
    links: [
      { href: `${root}/v1`, rel: 'self' },
      { rel: 'help', href: 'https://docs.openstack.org/api-ref/clustering' },
    ],
    min_version: '1.0',
    max_version: `1.${MINOR_MAX}`,
  } satisfies JsonObject;
}
