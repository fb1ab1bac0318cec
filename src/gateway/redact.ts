import type { Secret, UpstreamError } from '../contract/index.ts';
import { TOKENS_REMEMBERED_MAX, UPSTREAM_MESSAGE_CHARACTERS_MAX } from './limits.ts';

/** Hides the secrets of one target, by value, in any text that leaves the gateway. */
export type Redactor = {
  readonly text: (text: string) => string;
  /** Hides a token that was issued at run time from now on. */
  readonly addToken: (token: string) => void;
};

export function createRedactor(secrets: readonly Secret[]): Redactor {
  const fixed = spellings(secrets);
  const tokens: Secret[] = [];
  return {
    text: (text) => {
      let hidden = text;
      for (const { name, value } of [...fixed, ...tokens]) {
        if (hidden.includes(value)) hidden = hidden.replaceAll(value, `«secret:${name}»`);
      }
      return hidden;
    },
    addToken: (token) => {
      tokens.push({ name: 'token', value: token });
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

/**
 * Every way a secret is written into a request: plain, in JSON, in a form. Longer ones first, so
 * that a secret that holds another is replaced whole.
 */
function spellings(secrets: readonly Secret[]): Secret[] {
  const all = secrets.flatMap(({ name, value }) => {
    const inJson = JSON.stringify(value).slice(1, -1);
    const inForm = new URLSearchParams({ '': value }).toString().slice(1);
    return [...new Set([value, inJson, encodeURIComponent(value), inForm])]
      .filter((spelling) => spelling !== '')
      .map((spelling) => ({ name, value: spelling }));
  });
  return all.sort((a, b) => b.value.length - a.value.length);
}
