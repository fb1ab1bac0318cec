import type { Fault, FieldError, Secret, UpstreamError } from '../adapter-kit/index.ts';
import {
  LOGGED_BODY_BYTES_MAX,
  TOKENS_REMEMBERED_MAX,
  UPSTREAM_MESSAGE_CHARACTERS_MAX,
} from '../limits.ts';
import { boundedPointers, type LogRecord } from './log.ts';
import { candidatePattern, encodings, redactEscaped, unescapeAll } from './secret-encodings.ts';

/** Hides the secrets of one target, by value, in any text that leaves the gateway. */
export type Redactor = {
  /** `sent`: tokens that are hidden in this text also where many others were added since. */
  readonly text: (text: string, sent?: ReadonlySet<string>) => string;
  /** Hides a token that was issued at run time from now on, until many others are added. */
  readonly addToken: (token: string) => void;
};

/** Hides secrets in a text. */
export type TextRedactor = { readonly text: (text: string) => string };

/** A secret as it is searched for. */
type SecretPattern = {
  readonly mark: string;
  readonly value: string;
  /** Every spelling that is looked for as it stands, longer ones first. */
  readonly spelled: readonly string[];
  /** The secret without its own escapes. */
  readonly plain: string;
};

export function createRedactor(secrets: readonly Secret[]): Redactor {
  const fixed = secrets.filter(({ value }) => value !== '').map(secretPattern);
  let tokens: readonly SecretPattern[] = [];
  /** Secrets that are hidden, in any order: a token that is sent again is among it already. */
  let all = fixed;
  let mayHold = candidatePattern(spellingsOf(all));
  return {
    text: (text, sent = NO_TOKENS) => {
      const forgotten = [...sent].filter((token) => !tokens.some(({ value }) => value === token));
      if (forgotten.length > 0) return redactText(text, [...all, ...forgotten.map(tokenPattern)]);
      return mayHold.test(text) ? redactText(text, all) : text;
    },
    addToken: (token) => {
      if (token === '' || tokens.at(-1)?.value === token) return;
      const known = tokens.find(({ value }) => value === token);
      const others = tokens.filter((other) => other !== known);
      const kept = others.slice(Math.max(0, others.length + 1 - TOKENS_REMEMBERED_MAX));
      tokens = [...kept, known ?? tokenPattern(token)];
      if (known !== undefined) return;
      all = [...fixed, ...tokens];
      mayHold = candidatePattern(spellingsOf(all));
    },
  };
}

const NO_TOKENS: ReadonlySet<string> = new Set();

function tokenPattern(value: string): SecretPattern {
  return secretPattern({ name: 'token', value });
}

function spellingsOf(secrets: readonly SecretPattern[]): string[] {
  return secrets.flatMap(({ spelled }) => spelled);
}

/** Longer spellings go first, so that a secret that holds another is replaced whole. */
function redactText(text: string, secrets: readonly SecretPattern[]): string {
  const found = secrets.flatMap(({ mark, spelled }) =>
    spelled.filter((spelling) => text.includes(spelling)).map((spelling) => ({ mark, spelling })),
  );
  let hidden = text;
  for (const { mark, spelling } of found.sort((a, b) => b.spelling.length - a.spelling.length)) {
    hidden = hidden.replaceAll(spelling, mark);
  }
  const plain = unescapeAll(hidden);
  if (plain === hidden) return hidden;
  const byLength = secrets.toSorted((a, b) => b.plain.length - a.plain.length);
  for (const { mark, plain: secret } of byLength) {
    if (secret !== '' && plain.includes(secret)) hidden = redactEscaped(hidden, secret, mark);
  }
  return hidden;
}

/** A secret in each way that is looked for: plain, in a form, and in encodings of whole texts. */
function secretPattern({ name, value }: Secret): SecretPattern {
  const inJson = JSON.stringify(value).slice(1, -1);
  const twice = JSON.stringify(inJson).slice(1, -1);
  const inForm = new URLSearchParams({ '': value }).toString().slice(1);
  const inUrl = encodeURIComponent(value.toWellFormed());
  const encoded = [value, inJson].flatMap(encodings);
  const spelled = [...new Set([value, inJson, twice, inUrl, inForm, ...encoded])];
  return { mark: `«secret:${name}»`, value, spelled, plain: unescapeAll(value) };
}

/**
 * A fault fit to be shown: what the vendor said is cleaned, and so are the gateway's own words,
 * which may quote a profile. Without a redactor the vendor's are left out.
 */
export function cleanFault({ upstream, ...own }: Fault, redactor: TextRedactor | undefined): Fault {
  if (redactor === undefined) return own;
  const { detail, errors } = own;
  const clean = (error: FieldError): FieldError => ({
    ...error,
    detail: redactor.text(error.detail),
  });
  return {
    ...own,
    detail: redactor.text(detail),
    ...(errors === undefined ? {} : { errors: errors.map(clean) }),
    ...(upstream === undefined ? {} : { upstream: cleanUpstream(upstream, redactor) }),
  };
}

/** A vendor's words made fit to be shown: no secrets, no control characters, bounded. */
export function cleanUpstream(upstream: UpstreamError, redactor: TextRedactor): UpstreamError {
  const clean = (text: string): string =>
    // Secrets are hidden before anything is cut: a part of a long token is still a secret.
    [...redactor.text(text).slice(0, 8 * UPSTREAM_MESSAGE_CHARACTERS_MAX)]
      .map((character) => (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character) ? ' ' : character))
      .slice(0, UPSTREAM_MESSAGE_CHARACTERS_MAX)
      .join('');
  return {
    status: upstream.status,
    ...(upstream.code === undefined ? {} : { code: clean(upstream.code) }),
    // Runtimes read other bytes of a header in different ways: those are nobody's id.
    ...(/^[ -~]+$/.test(upstream.requestId ?? '')
      ? { requestId: clean(upstream.requestId ?? '') }
      : {}),
    ...(upstream.message === undefined ? {} : { message: clean(upstream.message) }),
  };
}

/** The members of a log record that quote a request. */
type Quotes = { -readonly [K in 'id' | 'losses' | 'pointers' | 'unconfirmed']?: LogRecord[K] };

/** Hides secrets in what a record quotes of a request, and bounds it. */
export function redactQuotes(record: Quotes, redactor: Redactor | undefined): void {
  const hide = (text: string): string => redactor?.text(text) ?? text;
  const shown = (list: readonly string[]): readonly string[] =>
    list.length === 0 ? list : boundedPointers(list.map(hide));
  const { id, losses, pointers, unconfirmed } = record;
  if (id !== undefined) record.id = hide(id);
  if (pointers !== undefined) record.pointers = shown(pointers);
  if (losses !== undefined) record.losses = shown(losses);
  if (unconfirmed !== undefined) record.unconfirmed = shown(unconfirmed);
}

/** Words in the names of secrets. */
const SECRET_WORDS = [
  'passw',
  'secret',
  'token',
  'credential',
  'authorization',
  'cookie',
  'signature',
  '(?:api|access|private)[-_]?key',
].join('|');

/** A member of a JSON text with such a name, whole or cut off. */
const NAMED_SECRET = new RegExp(
  `("[^"\\\\]*(?:${SECRET_WORDS})[^"\\\\]*"\\s*:\\s*)` +
    /("(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",{}[\]]+)/.source,
  'gi',
);

/**
 * The begin of a vendor's answer for a debug line: the target's secrets are hidden by value, and
 * whatever a JSON text calls a secret by its name.
 */
export function bodyExcerpt(body: string, redactor: TextRedactor): string {
  // Hidden before anything is cut, and cut once before the names are looked for.
  const begin = redactor.text(body).slice(0, 2 * LOGGED_BODY_BYTES_MAX);
  const hidden = begin.replace(NAMED_SECRET, '$1"«secret»"');
  const bytes = new TextEncoder().encode(hidden).subarray(0, LOGGED_BODY_BYTES_MAX);
  return new TextDecoder().decode(bytes, { stream: true });
}
