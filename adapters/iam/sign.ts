import type { Digests, HttpRequest, MaybePromise } from '../../src/adapter-kit/index.ts';

/** A permanent access key, and the account it acts for. */
export type AccessKey = {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly domainId: string;
};

/**
 * The parts of a request that a signature covers. Header names in any case; the path with its query
 * as sent.
 */
export type Signable = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
};

const ALGORITHM = 'SDK-HMAC-SHA256';

/**
 * The headers that sign `request` with an access key, by SDK-HMAC-SHA256 without a scope (Huawei
 * Cloud API Request Signing Guide, api-sign-algorithm-002 and -005): `x-sdk-date`, `x-domain-id`
 * and `authorization`. `host` is signed with the value that the transport makes from the origin,
 * so it is not among them; `content-type` is signed when the request has one. A promise only if
 * `digests` returns promises.
 */
export function signRequest(
  request: HttpRequest,
  key: AccessKey,
  { nowMs, digests }: { readonly nowMs: number; readonly digests: Digests },
): MaybePromise<Readonly<Record<string, string>>> {
  const added = { 'x-sdk-date': sdkDate(nowMs), 'x-domain-id': key.domainId };
  const contentType = request.headers['content-type'];
  const headers = {
    ...added,
    host: new URL(request.origin).host,
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
  };
  const signable = { method: request.method, path: request.path, headers };
  const signed = authorization(signable, request.body ?? '', added['x-sdk-date'], key, digests);
  return andThen(signed, (value) => ({ ...added, authorization: value }));
}

/**
 * The `Authorization` value over exactly `signable.headers` and the UTF-8 bytes of `body`;
 * `dateTime` is the value of `x-sdk-date`.
 */
export function authorization(
  signable: Signable,
  body: string,
  dateTime: string,
  key: Pick<AccessKey, 'accessKey' | 'secretKey'>,
  digests: Digests,
): MaybePromise<string> {
  const canonical = andThen(digests.sha256Hex(body), (hash) => canonicalRequest(signable, hash));
  const canonicalHash = andThen(canonical, digests.sha256Hex);
  const mac = andThen(canonicalHash, (hash) =>
    digests.hmacSha256(key.secretKey, stringToSign(dateTime, hash), 'hex'),
  );
  return andThen(mac, (signature) => {
    const names = signedHeaders(signable.headers);
    return `${ALGORITHM} Access=${key.accessKey}, SignedHeaders=${names}, Signature=${signature}`;
  });
}

/** The canonical text of a request; `bodyHash` is the hexadecimal SHA-256 of the body's bytes. */
export function canonicalRequest({ method, path, headers }: Signable, bodyHash: string): string {
  const [pathname = '', query = ''] = splitOnce(path, '?');
  const lines = Object.entries(headers)
    .map(([name, value]) => ({ name: name.toLowerCase(), value: value.trim() }))
    .sort((a, b) => compare(a.name, b.name))
    .map(({ name, value }) => `${name}:${value}\n`);
  return [
    method,
    canonicalPath(pathname),
    canonicalQuery(query),
    lines.join(''),
    signedHeaders(headers),
    bodyHash,
  ].join('\n');
}

/** The text whose HMAC is the signature; `canonicalHash` is in lower-case hexadecimal. */
export function stringToSign(dateTime: string, canonicalHash: string): string {
  return `${ALGORITHM}\n${dateTime}\n${canonicalHash}`;
}

/** `X-Sdk-Date` in UTC: `20060102T150405Z`. */
export function sdkDate(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** The canonical path always ends in `/`, whether or not the path that is sent does. */
function canonicalPath(pathname: string): string {
  const encoded = pathname.split('/').map(encodeOnce).join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

/** Sorted by name and then value as they read decoded; a name alone gets an empty value. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => splitOnce(part.replaceAll('+', ' '), '='))
    .map(([name = '', value = '']) => ({ name: encodeOnce(name), value: encodeOnce(value) }))
    .sort(
      (a, b) => compare(bytes(a.name), bytes(b.name)) || compare(bytes(a.value), bytes(b.value)),
    )
    .map(({ name, value }) => `${name}=${value}`)
    .join('&');
}

function signedHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort()
    .join(';');
}

/** Encodes all but `A-Za-z0-9-_.~`; text that is percent-encoded already is not encoded again. */
function encodeOnce(text: string): string {
  return text
    .toWellFormed()
    .replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-_.~]/gu, (part) =>
      part.length === 3 && part.startsWith('%') ? normaliseTriplet(part) : encodeCharacter(part),
    );
}

function normaliseTriplet(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return /[A-Za-z0-9\-_.~]/.test(character) ? character : triplet.toUpperCase();
}

function encodeCharacter(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One character per byte, so that comparing them compares the UTF-8 bytes. */
function bytes(encoded: string): string {
  return encoded.replace(/%([0-9A-F]{2})/g, (_, pair: string) =>
    String.fromCharCode(Number.parseInt(pair, 16)),
  );
}

function andThen<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
