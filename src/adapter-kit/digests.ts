/** A value, or a promise of it: the caller awaits only when it must. */
export type MaybePromise<T> = T | Promise<T>;

/** Applies `next` to a value, at once where it is no promise. */
export function mapped<T, R>(value: MaybePromise<T>, next: (value: T) => R): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Returns all values, at once where none is a promise. */
export function allOf<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  const known = values.filter((value): value is T => !(value instanceof Promise));
  return known.length === values.length ? known : Promise.all(values);
}

/** Digests over UTF-8 text. Synchronous where the runtime allows it (Node), else Web Crypto. */
export type Digests = {
  /** SHA-256 of `text` in lower-case hexadecimal. */
  readonly sha256Hex: (text: string) => MaybePromise<string>;
  /** HMAC-SHA256 of `text` under `key`, in base64 with padding or lower-case hexadecimal. */
  readonly hmacSha256: (key: string, text: string, form: 'base64' | 'hex') => MaybePromise<string>;
};
