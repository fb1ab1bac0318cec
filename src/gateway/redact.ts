import type { Secret, UpstreamError } from '../contract/index.ts';
import {
  LOGGED_BODY_BYTES_MAX,
  TOKENS_REMEMBERED_MAX,
  UPSTREAM_MESSAGE_CHARACTERS_MAX,
} from './limits.ts';

/** Hides the secrets of one target, by value, in any text that leaves the gateway. */
export type Redactor = {
  readonly text: (text: string) => string;
  /** Hides a token that was issued at run time from now on. */
  readonly addToken: (token: string) => void;
};

export function createRedactor(secrets: readonly Secret[]): Redactor {
  const fixed = spellings(secrets);
  const tokens: (readonly Secret[])[] = [];
  return {
    text: (text) => {
      let hidden = text;
      for (const { name, value } of [...fixed, ...tokens.flat()]) {
        if (hidden.includes(value)) hidden = hidden.replaceAll(value, `«secret:${name}»`);
      }
      return hidden;
    },
    addToken: (token) => {
      tokens.push(spellings([{ name: 'token', value: token }]));
      if (tokens.length > TOKENS_REMEMBERED_MAX) tokens.shift();
    },
  };
}

/** A vendor's words made fit to be shown: no secrets, no control characters, bounded. */
export function cleanUpstream(told: UpstreamError, redactor: Redactor): UpstreamError {
  const clean = (text: string): string =>
    // Secrets are hidden before anything is cut: a part of a long token is still a secret.
    [...redactor.text(text).slice(0, 8 * UPSTREAM_MESSAGE_CHARACTERS_MAX)]
      .map((character) => (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character) ? ' ' : character))
      .slice(0, UPSTREAM_MESSAGE_CHARACTERS_MAX)
      .join('');
  return {
    status: told.status,
    ...(told.code === undefined ? {} : { code: clean(told.code) }),
    ...(told.requestId === undefined ? {} : { requestId: clean(told.requestId) }),
    ...(told.message === undefined ? {} : { message: clean(told.message) }),
  };
}

const NAMED_SECRET =
  /("[^"\\]*(?:passw|secret|token|credential|authorization|cookie|signature|(?:api|access|private)[-_]?key)[^"\\]*"\s*:\s*)("(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s",{}[\]]+)/gi;

/**
 * The begin of a vendor's answer for a debug line: the target's secrets are hidden by value, and
 * whatever a JSON text calls a secret by its name.
 */
export function bodyExcerpt(body: string, redactor: Redactor): string {
  // Hidden before anything is cut, and cut once before the names are looked for.
  const begin = redactor.text(body).slice(0, 2 * LOGGED_BODY_BYTES_MAX);
  const hidden = begin.replace(NAMED_SECRET, '$1"«secret»"');
  const bytes = new TextEncoder().encode(hidden).subarray(0, LOGGED_BODY_BYTES_MAX);
  return new TextDecoder().decode(bytes, { stream: true });
}

/**
 * Every way a secret is written: plain, in JSON, in JSON inside JSON, in a URL, in a form. Longer
 * ones first, so that a secret that holds another is replaced whole.
 */
function spellings(secrets: readonly Secret[]): Secret[] {
  const all = secrets.flatMap(({ name, value }) => {
    const inJson = JSON.stringify(value).slice(1, -1);
    const twice = JSON.stringify(inJson).slice(1, -1);
    const inForm = new URLSearchParams({ '': value }).toString().slice(1);
    return [...new Set([value, inJson, twice, encodeURIComponent(value.toWellFormed()), inForm])]
      .filter((spelling) => spelling !== '')
      .map((spelling) => ({ name, value: spelling }));
  });
  return all.sort((a, b) => b.value.length - a.value.length);
}
