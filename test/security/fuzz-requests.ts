import { Buffer } from 'node:buffer';
import { IAM, NAVER, NERM, SENLIN, upstreamIdOf } from '../support/profiles.ts';
import { randomBody, randomBytes } from './fuzz-bodies.ts';
import type { Random } from './fuzz-random.ts';

/** A request as bytes. */
export type FuzzRequest = {
  readonly method: string;
  readonly bytes: Buffer;
  /** Its end is where it says, so that a server can be held to answer it. */
  readonly isFramed: boolean;
};

const IDS: readonly [string, ...string[]] = [SENLIN, NERM, IAM, NAVER];

const PREFERENCES: readonly [string, ...string[]] = [
  'handling=lenient',
  'handling=strict',
  'atomic',
  'return=minimal',
  'handling=lenient, atomic, return=minimal',
  'handling="lenient;',
  ',,,===',
  'respond-async',
];

/** One request, HTTP from end to end or nearly so. */
export function randomRequest(random: Random): FuzzRequest {
  const method = randomMethod(random);
  const head = [`${method} ${randomPath(random)} ${randomVersion(random)}`, ...hostOf(random)];
  // One that deletes a profile would leave nothing for those behind it.
  if (method === 'DELETE') head.push('If-Match: "of none"');
  const isWrite = method === 'PATCH' || random.chance(0.1);
  if (isWrite) head.push(...contentOf(random));
  for (let count = random.below(4); count > 0; count -= 1) head.push(randomHeader(random));
  const body = isWrite ? randomBody(random) : Buffer.alloc(0);
  const framed = isWrite ? framedBody(body, random) : { lines: [], bytes: body, isFramed: true };
  const text = [...head, ...framed.lines, '', ''].join('\r\n');
  const bytes = Buffer.concat([Buffer.from(text, 'latin1'), framed.bytes]);
  if (random.chance(0.01)) return { method, bytes: broken(bytes, random), isFramed: false };
  return { method, bytes, isFramed: framed.isFramed };
}

function randomMethod(random: Random): string {
  const kind = random.below(100);
  if (kind < 62) return 'PATCH';
  if (kind < 84) return 'GET';
  if (kind < 88) return 'HEAD';
  if (kind < 91) return 'OPTIONS';
  return random.pick(['POST', 'PUT', 'DELETE', 'TRACE', 'QUERY', 'PURGE', 'LOCK', 'patch', 'G=T']);
}

function randomVersion(random: Random): string {
  return random.chance(0.99) ? 'HTTP/1.1' : random.pick(['HTTP/1.0', 'HTTP/2.0', 'HTTP', '']);
}

function randomPath(random: Random): string {
  const kind = random.below(100);
  if (kind < 88) return `/profiles/${randomId(random)}${random.chance(0.05) ? '?a=%zz&b' : ''}`;
  return random.pick([
    '/',
    '*',
    '//',
    '/healthz',
    '/capabilities',
    '/capabilities/nerm-demo',
    '/capabilities/%',
    `/capabilities/${escaped(random)}`,
    '/profiles',
    '/profiles/',
    `/profiles/${SENLIN}/explain`,
    `/profiles/../profiles/${NERM}`,
    `/profiles/./${NERM}`,
    `http://localhost/profiles/${NERM}`,
    `http://example.com/profiles/${NERM}`,
    'ftp://localhost/',
    `/${randomText(random)}`,
    `/${'long'.repeat(2_000)}`,
    '/profiles/a\\b',
    'profiles/x',
  ]);
}

function randomId(random: Random): string {
  const id = random.pick(IDS);
  const kind = random.below(100);
  if (kind < 55) return id;
  const upstreamId = upstreamIdOf(id);
  if (kind < 65) return [...id].map((c) => (random.chance(0.2) ? percent(c, random) : c)).join('');
  if (kind < 75) return id.slice(0, random.below(id.length)) + escaped(random);
  if (kind < 80) return `${id.split(':')[0]}:${escaped(random)}${upstreamId}`;
  if (kind < 85) return `${id.split(':')[0]}:${upstreamId.replace(/[0-9]/, '0')}`;
  return random.pick([
    upstreamId,
    `nowhere:${upstreamId}`,
    `${id}${escaped(random)}`,
    escaped(random).repeat(1 + random.below(90)),
    'x'.repeat(random.pick([255, 256, 257, 5_000])),
    randomText(random),
  ]);
}

/** A percent-encoding of every kind: fine, doubled, broken, overlong, of no character. */
function escaped(random: Random): string {
  return random.pick([
    '%00',
    '%0a',
    '%0D%0A',
    '%1b',
    '%20',
    '%22',
    '%23',
    '%25',
    '%252F',
    '%2e%2e',
    '%2E',
    '%2f',
    '%3A',
    '%3f',
    '%5c',
    '%7f',
    '%80',
    '%c0%80',
    '%C3%A9',
    '%e2%80%ae',
    '%ED%A0%80',
    '%EF%BF%BE',
    '%f0%9f%98%80',
    '%F4%90%80%80',
    '%ff',
    '%',
    '%%',
    '%2',
    '%g0',
    '%u0041',
    '+',
    '..',
    '.',
    '__proto__',
    ';',
    '&',
    "'",
    '"',
    '|',
    '\u00e9',
  ]);
}

function percent(character: string, random: Random): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0');
  return `%${random.chance(0.5) ? hex : hex.toUpperCase()}`;
}

function hostOf(random: Random): string[] {
  const kind = random.below(200);
  if (kind > 3) return ['Host: 127.0.0.1'];
  return [
    [],
    ['Host: localhost', 'Host: localhost'],
    ['Host: exa mple'],
    [`Host: ${random.pick(['example.com', '', '[::1', 'localhost:99999', 'a@localhost', '%6c'])}`],
  ][kind] as string[];
}

function contentOf(random: Random): string[] {
  const types = ['application/json', 'application/merge-patch+json'] as const;
  const lines =
    random.chance(0.93) || random.chance(0.3)
      ? [`Content-Type: ${random.pick(types)}`]
      : [
          `Content-Type: ${random.pick(['text/plain', 'application/json; charset=x', '', 'a/b/c'])}`,
        ];
  if (random.chance(0.02)) lines.push('Content-Encoding: gzip');
  return lines;
}

function randomHeader(random: Random): string {
  return random.pick([
    `Prefer: ${random.pick(PREFERENCES)}`,
    `Prefer: ${random.pick(PREFERENCES)}`,
    `If-Match: ${random.pick(['*', '"x"', 'W/"x"', '', '"'.repeat(99), `"${'t'.repeat(3_000)}"`])}`,
    `If-None-Match: ${random.pick(['*', '"x"', '"a","b"', `"${'t'.repeat(3_000)}"`])}`,
    `X-Request-Id: ${random.pick(['a', 'A-_=', 'a b', '"', '\u00ff', 'i'.repeat(300)])}`,
    `Authorization: ${random.pick(['Bearer x', 'Basic eDp5', 'Bearer', `Bearer ${'k'.repeat(9_000)}`])}`,
    `X-${random.below(99)}: ${randomText(random)}`,
    `X-Long: ${'v'.repeat(random.pick([10, 100, 8_000, 60_000, 70_000]))}`,
    'Expect: 100-continue',
    'Accept: text/html',
    'Accept-Encoding: gzip',
    'X-HTTP-Method-Override: DELETE',
    'X-Gateway-Sandbox: 1',
    'Connection: keep-alive',
    'traceparent: 00-zz-00-00',
    'Upgrade: h2c',
  ]);
}

/** Visible characters, with some that may not stand where this is put. */
function randomText(random: Random): string {
  const bytes = random.chance(0.1)
    ? randomBytes(random, random.below(30))
    : Buffer.from(random.times(random.below(30), () => 0x21 + random.below(0x5e)));
  return bytes.toString('latin1').replaceAll(/[\r\n]/g, random.chance(0.9) ? '' : '\n');
}

type Framed = { readonly lines: string[]; readonly bytes: Buffer; readonly isFramed: boolean };

/** The body with the header lines that say where it ends, now and then wrongly. */
function framedBody(body: Buffer, random: Random): Framed {
  if (random.chance(0.75)) {
    return { lines: [`Content-Length: ${body.length}`], bytes: body, isFramed: true };
  }
  if (random.chance(0.92)) {
    const lines = ['Transfer-Encoding: chunked'];
    return { lines, bytes: chunked(body, random), isFramed: true };
  }
  const lines = random.pick([
    [`Content-Length: ${body.length}`, `Content-Length: ${body.length}`],
    [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'],
    ['Content-Length: -1'],
    ['Content-Length: 0x10'],
    ['Content-Length: 99999999999999999999'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Transfer-Encoding: identity'],
    [`Content-Length: ${Math.max(0, body.length - 3)}`],
    [],
  ]);
  return { lines, bytes: body, isFramed: false };
}

function chunked(body: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random.below(40_000));
    const extension = random.chance(0.05) ? ';x="y"' : '';
    parts.push(Buffer.from(`${size.toString(16)}${extension}\r\n`), body.subarray(at, at + size));
    parts.push(Buffer.from('\r\n'));
    at += size;
  }
  parts.push(Buffer.from(random.chance(0.98) ? '0\r\n\r\n' : 'zz\r\n\r\n'));
  return Buffer.concat(parts);
}

/** A request with bytes overwritten, cut off, or of nothing that was HTTP. */
function broken(bytes: Buffer, random: Random): Buffer {
  const kind = random.below(3);
  if (kind === 0) return bytes.subarray(0, random.below(bytes.length));
  if (kind === 1) return randomBytes(random, 200);
  const spoilt = Buffer.from(bytes);
  for (let count = 3; count > 0; count -= 1)
    spoilt[random.below(spoilt.length)] = random.below(256);
  return spoilt;
}
