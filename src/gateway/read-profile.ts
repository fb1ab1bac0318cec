import type { Fault, JsonObject } from '../contract/index.ts';
import { drive } from './deliver.ts';
import { type Exchange, startExchange } from './exchange.ts';
import type { Ports } from './ports.ts';
import { entityTag, representation } from './representation.ts';
import type { Resolved } from './resolve.ts';

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
      readonly profile: JsonObject;
      readonly etag: string;
    }
  | { readonly ok: false; readonly exchange?: Exchange; readonly fault: Fault };

/** Reads a profile; reads need no lock. */
export function readProfile(ports: Ports, request: ReadRequest): Promise<ReadAnswer> {
  const { activity } = request.resolved.target;
  return activity.run(
    'reads',
    () => readUncounted(ports, request),
    (answer) =>
      answer.ok ? { ending: 'read' } : { ending: 'readFailed', code: answer.fault.code },
  );
}

async function readUncounted(
  ports: Ports,
  { endMs, id, resolved }: ReadRequest,
): Promise<ReadAnswer> {
  const { target, upstreamId } = resolved;
  const exchange = startExchange(target, ports, endMs);
  const read = await drive(exchange, target.connection.read(upstreamId));
  if (!read.ok) return { ok: false, exchange, fault: read.fault };
  const profile = representation(id, upstreamId, target, read.value);
  return { ok: true, exchange, profile, etag: await entityTag(profile, ports.digests) };
}
