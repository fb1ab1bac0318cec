/** Options of every call. */
export type CallOptions = {
  /** Ends the call early, with the code `aborted`. */
  readonly signal?: AbortSignal;
  /** Longest time of the call, its repeats included; by default that of the client. */
  readonly timeoutMs?: number;
  /** W3C trace context, passed on as it is. */
  readonly traceparent?: string;
  readonly tracestate?: string;
};

export type PatchOptions = CallOptions & {
  /**
   * Names the write: a later call with the same key, id and patch is answered as this one was. By
   * default each call makes a key of its own.
   */
  readonly idempotencyKey?: string;
  /** Writes only while the profile has this entity tag. */
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  /** `lenient` leaves out what the target cannot hold; see `write.losses`. */
  readonly handling?: 'strict' | 'lenient';
  /** Rejects a patch that the vendor needs two writes for. */
  readonly atomic?: boolean;
  /** `minimal`: the result has no profile. */
  readonly returns?: 'minimal';
};

/** Options of a create: it has no conditions, and is one write. */
export type CreateOptions = Omit<PatchOptions, 'ifMatch' | 'ifNoneMatch' | 'atomic'>;

/** Returns the headers of a patch, all but those of every call. */
export function patchHeaders(options: PatchOptions, idempotencyKey: string): Headers {
  const { atomic, handling, ifMatch, ifNoneMatch, returns } = options;
  const headers = new Headers({
    'Content-Type': 'application/merge-patch+json',
    'Idempotency-Key': idempotencyKey,
  });
  const preferences = [
    ...(handling === undefined ? [] : [`handling=${handling}`]),
    ...(atomic === true ? ['atomic'] : []),
    ...(returns === undefined ? [] : [`return=${returns}`]),
  ];
  if (preferences.length > 0) headers.set('Prefer', preferences.join(', '));
  if (ifMatch !== undefined) headers.set('If-Match', ifMatch);
  if (ifNoneMatch !== undefined) headers.set('If-None-Match', ifNoneMatch);
  return headers;
}

const KEY_BYTES = 16;

/** Makes a key that no other call has; `randomUUID` is missing on pages without HTTPS. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
