import { typed } from './answer.ts';
import {
  type CallOptions,
  type CreateOptions,
  newIdempotencyKey,
  type PatchOptions,
  patchHeaders,
} from './call-options.ts';
import { type DeleteResult, deleteResultOf } from './delete-result.ts';
import { type CreateResult, type PatchResult, patchResultOf } from './patch-result.ts';
import { type ListOptions, listPath, type ProfilePage, pageOf } from './profile-list.ts';
import { type ReadResult, readResultOf } from './read-result.ts';
import type { Capabilities, Explanation, NewProfile, Profile, ProfilePatch } from './schemas.ts';
import { type Sent, sendWithRepeats } from './send-with-repeats.ts';

export type ProfileClientOptions = {
  /** Address of the gateway, such as `https://profiles.example.com`. */
  readonly baseUrl: string | URL;
  /** API key of the caller. */
  readonly key?: string;
  /** Returns a token of the caller; called once for each call. */
  readonly token?: () => Promise<string>;
  /** By default the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Longest time of a call, its repeats included; 30 seconds by default. */
  readonly timeoutMs?: number;
};

/**
 * Calls of the gateway. None of them rejects but for a fault of the program, such as a token that
 * cannot be had: what went wrong is part of the result.
 */
export type ProfileClient = {
  /** Reads a profile; `profile` is undefined where `ifNoneMatch` is its entity tag. */
  readonly get: (
    id: string,
    options?: CallOptions & { readonly ifNoneMatch?: string },
  ) => Promise<
    ReadResult<{ readonly profile?: Profile | undefined; readonly etag?: string | undefined }>
  >;
  /** Writes a patch once, however often it has to be sent. */
  readonly patch: (id: string, patch: ProfilePatch, options?: PatchOptions) => Promise<PatchResult>;
  /** Reads one page of the profiles of a target. */
  readonly list: (target: string, options?: ListOptions) => Promise<ReadResult<ProfilePage>>;
  /** Deletes a profile for good; `ifMatch` only while it has that entity tag. */
  readonly delete: (
    id: string,
    options?: CallOptions & { readonly ifMatch?: string },
  ) => Promise<DeleteResult>;
  /**
   * Creates a profile once, however often it has to be sent. An end that is `unknown` may be known
   * later: a call with the same key and profile asks again.
   */
  readonly create: (profile: NewProfile, options?: CreateOptions) => Promise<CreateResult>;
  /** Shows what a patch would send, without sending it; `reads` compares it with the profile. */
  readonly explain: (
    id: string,
    patch: ProfilePatch,
    options?: CallOptions & { readonly reads?: boolean },
  ) => Promise<ReadResult<{ readonly explanation: Explanation }>>;
  /** Lists what each target accepts. */
  readonly capabilities: (
    options?: CallOptions,
  ) => Promise<ReadResult<{ readonly targets: readonly Capabilities[] }>>;
};

const TIMEOUT_MS = 30_000;

/** Creates a client of one gateway for one caller. */
export function createProfileClient(options: ProfileClientOptions): ProfileClient {
  const call = createCall(options);
  return {
    get: async (id, asked = {}) => {
      const headers = new Headers();
      if (asked.ifNoneMatch !== undefined) headers.set('If-None-Match', asked.ifNoneMatch);
      const { answer } = await call('GET', profilePath(id), { headers }, asked);
      return readResultOf(answer, ({ body, headers, status }) => {
        const { profile } = typed<{ readonly profile?: Profile }>(body);
        if (profile === undefined && status !== 304) return undefined;
        return { profile, etag: headers.get('ETag') ?? undefined };
      });
    },
    patch: async (id, patch, asked = {}) => {
      const key = asked.idempotencyKey ?? newIdempotencyKey();
      const request = { headers: patchHeaders(asked, key), body: JSON.stringify(patch) };
      return patchResultOf(await call('PATCH', profilePath(id), request, asked), key);
    },
    list: async (target, asked = {}) => {
      const { answer } = await call(
        'GET',
        listPath(target, asked),
        { headers: new Headers() },
        asked,
      );
      return readResultOf(answer, ({ body }) => pageOf(body));
    },
    delete: async (id, asked = {}) => {
      const headers = new Headers();
      if (asked.ifMatch !== undefined) headers.set('If-Match', asked.ifMatch);
      return deleteResultOf(await call('DELETE', profilePath(id), { headers }, asked));
    },
    create: async (profile, asked = {}) => {
      const key = asked.idempotencyKey ?? newIdempotencyKey();
      const request = { headers: patchHeaders(asked, key), body: JSON.stringify(profile) };
      const sent = await call('POST', '/profiles', request, asked);
      const location =
        sent.answer.kind === 'none' ? undefined : sent.answer.headers.get('Location');
      return { ...patchResultOf(sent, key), location: location ?? undefined };
    },
    explain: async (id, patch, asked = {}) => {
      const path = `${profilePath(id)}/explain${asked.reads === true ? '?read=true' : ''}`;
      const headers = new Headers({ 'Content-Type': 'application/merge-patch+json' });
      const { answer } = await call('POST', path, { headers, body: JSON.stringify(patch) }, asked);
      return readResultOf(answer, ({ body }) => ({ explanation: typed<Explanation>(body) }));
    },
    capabilities: async (asked = {}) => {
      const { answer } = await call('GET', '/capabilities', { headers: new Headers() }, asked);
      return readResultOf(answer, ({ body }) => {
        const { targets } = typed<{ readonly targets?: readonly Capabilities[] }>(body);
        return targets === undefined ? undefined : { targets };
      });
    },
  };
}

type Request = { readonly headers: Headers; readonly body?: string };

function createCall(client: ProfileClientOptions) {
  const { baseUrl, fetch: send = fetch, key, timeoutMs: longestMs = TIMEOUT_MS, token } = client;
  const origin = new URL(baseUrl).href.replace(/\/$/, '');
  return (
    method: string,
    path: string,
    { body, headers }: Request,
    { signal, timeoutMs = longestMs, traceparent, tracestate }: CallOptions,
  ): Promise<Sent> => {
    if (traceparent !== undefined) headers.set('traceparent', traceparent);
    if (tracestate !== undefined) headers.set('tracestate', tracestate);
    const sent = {
      method,
      headers,
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    } as const;
    return sendWithRepeats({
      timeoutMs,
      signal,
      prepare: async () => {
        const secret = token === undefined ? key : await token();
        if (secret !== undefined) headers.set('Authorization', `Bearer ${secret}`);
        return (ending) => send(origin + path, { ...sent, signal: ending });
      },
    });
  };
}

function profilePath(id: string): string {
  return `/profiles/${encodeURIComponent(id)}`;
}
