import { AggregatorRegistry } from 'prom-client';
import * as z from 'zod/mini';
import type { Channel } from './channel.ts';

/** The metrics of one worker as its registry lists them; each says how it is added up. */
const seriesSchema = z.array(z.looseObject({ name: z.string(), type: z.string() }));
type Series = z.infer<typeof seriesSchema>;

/** The metrics of all workers together. */
export type MetricsOfAll = {
  /** Resolves with all that was counted, in Prometheus' text format. */
  readonly exposition: () => Promise<string>;
  /** Keeps what a worker has counted that has ended, as it was last seen. */
  readonly forget: (channel: Channel) => Promise<void>;
};

/**
 * Creates the sum of what workers count. A worker that does not answer counts as it did before, and
 * one that has ended goes on counting: a sum that falls would look like a restart of all, after
 * which Prometheus adds what is left once more.
 */
export function createMetricsOfAll(channels: () => readonly Channel[]): MetricsOfAll {
  const lastSeen = new Map<Channel, Series>();
  let departed: Series = [];
  const look = async (channel: Channel): Promise<void> => {
    const read = seriesSchema.safeParse(await channel.ask('series'));
    if (read.success && channels().includes(channel)) lastSeen.set(channel, read.data);
  };
  return {
    exposition: async () => {
      await Promise.all(channels().map(look));
      return await AggregatorRegistry.aggregate([departed, ...lastSeen.values()]).metrics();
    },
    forget: async (channel) => {
      const counted = (lastSeen.get(channel) ?? []).filter(isCount);
      lastSeen.delete(channel);
      const sum = AggregatorRegistry.aggregate([departed, counted]);
      departed = seriesSchema.parse(await sum.getMetricsAsJSON());
    },
  };
}

/** Reports whether a metric only grows; what a worker has under way ends with it. */
function isCount({ type }: Series[number]): boolean {
  return type === 'counter' || type === 'histogram';
}
