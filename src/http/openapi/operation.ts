import type * as z from 'zod/mini';
import type { FaultCode, Json } from '../../adapter-kit/index.ts';
import type { Scope } from '../../auth/caller.ts';
import type { HeaderName } from './headers.ts';

/** One method of one path in the API document. */
export type Operation = {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope?: Scope;
  readonly headers?: z.ZodMiniObject;
  readonly query?: z.ZodMiniObject;
  readonly takesPatch?: boolean;
  readonly takesNewProfile?: boolean;
  /** Schema of a body that is no patch, which is JSON unless `bodyType` says otherwise. */
  readonly body?: z.ZodMiniType;
  readonly bodyType?: string;
  /** True if the body may be left out. */
  readonly mayLackBody?: boolean;
  /** Example of `body`. */
  readonly bodyExample?: Json;
  /** Absent: a success is 204, without a body. */
  readonly answer?: z.ZodMiniType;
  /** Example of the response; absent if one is made for each vendor. */
  readonly example?: Json;
  /** Status of a success with an answer, 200 where it is absent. */
  readonly status?: 201;
  /** Media type of the response, if it is not JSON. */
  readonly mediaType?: string;
  /** Meaning of the lines, where the response may be JSON Lines as well. */
  readonly lines?: string;
  readonly linesExample?: string;
  /** Response headers besides those that every response may have. */
  readonly responseHeaders?: readonly HeaderName[];
  /** True if `If-None-Match` may result in 304. */
  readonly mayBeUnchanged?: boolean;
  /** True if it may send requests to a vendor. */
  readonly upstream?: boolean;
  /** Codes of every problem that it may return. */
  readonly codes: readonly FaultCode[];
};

/** Codes of every request that needs a configuration. */
export const CONFIGURED: readonly FaultCode[] = ['forbidden', 'internal_error', 'not_configured'];

/** Codes of every request of a caller; `not_found`: the path is served by another listener. */
export const CALLER: readonly FaultCode[] = [
  ...CONFIGURED,
  'unauthenticated',
  'rate_limited',
  'issuer_unavailable',
  'draining',
  'not_found',
];

/** `not_found`: there is no state that replicas share, or nothing of that name in it. */
export const OF_STATE: readonly FaultCode[] = [...CALLER, 'state_unavailable'];
