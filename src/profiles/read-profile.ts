import type { Fault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { Resolved } from '../routing/resolve.ts';
import { type Exchange, withExchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import type { ExchangeResult } from '../upstream/target-health.ts';
import { type Tagged, tagged } from './representation.ts';

export type ReadRequest = {
  /** As the caller wrote it. */
  readonly id: string;
  readonly resolved: Resolved;
  /** When the caller must have an answer, by the monotonic clock. */
  readonly endMs: number;
};

export type ReadAnswer =
  | ({ readonly ok: true; readonly exchange: Exchange } & Tagged)
  | { readonly ok: false; readonly exchange?: Exchange; readonly fault: Fault };

/** Reads a profile; reads need no lock. */
export function readProfile(ports: Ports, request: ReadRequest): Promise<ReadAnswer> {
  const { endMs, id, resolved } = request;
  const { target, upstreamId } = resolved;
  const refused = (fault: Fault): ReadAnswer => ({ ok: false, fault });
  const counted = { purpose: 'read', refused, resultOf: readResult } as const;
  return withExchange({ target, ports, endMs, ...counted }, async (exchange) => {
    const read = await readWithRetry(exchange, target.connection.read(upstreamId));
    if (!read.ok) return { ok: false, exchange, fault: read.fault };
    return { ok: true, exchange, ...(await tagged(id, target, read.value, ports.digests)) };
  });
}

function readResult(answer: ReadAnswer): ExchangeResult {
  if (answer.ok) return { outcome: 'read', code: undefined };
  const { code, upstream } = answer.fault;
  return { outcome: 'readFailed', code, upstream };
}
