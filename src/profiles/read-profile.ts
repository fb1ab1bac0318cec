import type { Fault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import { type Exchange, startExchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import { entityTag, representation } from './representation.ts';

export type ReadRequest = {
  /** As the caller wrote it. */
  readonly id: string;
  readonly resolved: Resolved;
  /** Unix milliseconds at which the caller must have an answer. */
  readonly endMs: number;
};

export type ReadAnswer =
  | {
      readonly ok: true;
      readonly exchange: Exchange;
      /** The result of `representation`, as JSON. */
      readonly profile: string;
      readonly etag: string;
    }
  | { readonly ok: false; readonly exchange?: Exchange; readonly fault: Fault };

/** Reads a profile, and counts the read; reads need no lock. */
export async function readProfile(
  ports: Ports,
  { endMs, id, resolved }: ReadRequest,
): Promise<ReadAnswer> {
  const { target, upstreamId } = resolved;
  const { health, connection } = target;
  health.started('reads');
  try {
    const exchange = startExchange(target, ports, endMs);
    const read = await readWithRetry(exchange, connection.read(upstreamId));
    if (!read.ok) {
      health.recordOutcome('readFailed', read.fault.code);
      return { ok: false, exchange, fault: read.fault };
    }
    const profile = JSON.stringify(representation(id, upstreamId, target, read.value));
    const tag = entityTag(profile, ports.digests);
    const etag = tag instanceof Promise ? await tag : tag;
    health.recordOutcome('read', undefined);
    return { ok: true, exchange, profile, etag };
  } finally {
    health.finished('reads');
  }
}
