/** A value, or a promise of it: the caller awaits only when it must. */
export type MaybePromise<T> = T | Promise<T>;

/** Digests over UTF-8 text. Synchronous where the runtime allows it (Node), else Web Crypto. */
export type Digests = {
  /** SHA-256 of `text` in lower-case hexadecimal. */
  readonly sha256Hex: (text: string) => MaybePromise<string>;
  /** HMAC-SHA256 of `text` under `key`, in base64 with padding or lower-case hexadecimal. */
  readonly hmacSha256: (key: string, text: string, form: 'base64' | 'hex') => MaybePromise<string>;
};
