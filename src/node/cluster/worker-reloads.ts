import { createSingleFlight } from '../../state/single-flight.ts';
import type { LiveConfiguration, Prepared } from '../config/live-config.ts';
import type { Handlers } from './channel.ts';
import { prepareSchema, settledSchema } from './messages.ts';

/**
 * Reads a configuration when the primary asks, and serves it when the primary has decided so. Each
 * reload has a number: a read that has outlasted its reload must not be taken for that of a later
 * one, whose files are others.
 */
export function answerReloads({ prepare }: Pick<LiveConfiguration, 'prepare'>): Handlers {
  const reads = createSingleFlight<Prepared>();
  let last: { readonly reload: number; readonly read: Promise<Prepared> } | undefined;
  /** Begins after the read under way: two at once would both be too slow. */
  const readAnew = async (): Promise<Prepared> => {
    await reads.current();
    return await reads.run(prepare);
  };
  return new Map<string, (body: unknown) => unknown>([
    [
      'prepare',
      async (body) => {
        const { reload } = prepareSchema.parse(body);
        const read = readAnew();
        last = { reload, read };
        const { problems, version } = await read;
        return { problems, version };
      },
    ],
    [
      'settle',
      async (body) => {
        const { problems, reload } = settledSchema.parse(body);
        const one = last;
        if (one?.reload !== reload) return;
        const { settle } = await one.read;
        if (last !== one) return;
        last = undefined;
        settle(problems);
      },
    ],
  ]);
}
