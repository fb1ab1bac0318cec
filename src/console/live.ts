import type { Context } from 'hono';
import { ownFault } from '../adapter-kit/index.ts';
import { respond, respondProblem } from '../http/responses.ts';
import type { TargetView } from '../http/routes/admin-view.ts';
import type { MatchRunView } from '../http/routes/matches/match-view.ts';
import type { StatsView } from '../http/routes/overview/stats.ts';
import {
  LIVE_INTERVAL_MS,
  LIVE_SESSION_STREAMS_MAX,
  LIVE_STREAM_MS_MAX,
  LIVE_STREAMS_MAX,
} from './bounds.ts';
import { liveText } from './live-text.ts';

/** Sources of what changes on pages by itself. */
export type LiveSources = {
  readonly targets: () => Promise<readonly TargetView[]>;
  readonly stats: () => Promise<StatsView>;
  /** Lists match runs; asked only while somebody looks at them. */
  readonly matches: () => Promise<readonly MatchRunView[]>;
  /** True once the process is shutting down, when streams must end. */
  readonly isEnding: () => boolean;
};

type Stream = {
  readonly send: (bytes: Uint8Array) => void;
  readonly end: () => void;
  readonly endsAtMs: number;
  /** The session that has opened it. */
  readonly session: string;
  /** True where its page shows match runs. */
  readonly hasRuns: boolean;
};

/** Opens the stream that a request of a session asks for. */
export type OpenLiveStream = (c: Context, session: string) => Response;

/**
 * Creates the stream of server-sent events (HTML, section 9.2). All streams of the process share
 * one look at the gateway in each interval, and none is made while there are no streams. A stream
 * ends after a while, and the browser opens another one, whose caller is checked anew.
 */
export function createLiveStreams(sources: LiveSources, monotonicMs: () => number): OpenLiveStream {
  const streams = new Set<Stream>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let isLooking = false;

  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      const hasRuns = [...streams].some((stream) => stream.hasRuns);
      const [targets, stats, runs] = await Promise.all([
        sources.targets(),
        sources.stats(),
        // A state that does not answer leaves the other parts of pages as they are.
        hasRuns ? sources.matches().catch(() => []) : [],
      ]);
      const bytes = eventEncoder.encode(`data: ${liveText(targets, stats, runs)}\n\n`);
      for (const { send } of streams) send(bytes);
    } catch {
      // The next look may succeed; until then pages keep what they show.
    } finally {
      isLooking = false;
    }
  };
  const tick = (): void => {
    const nowMs = monotonicMs();
    for (const stream of streams) {
      if (sources.isEnding() || stream.endsAtMs <= nowMs) stream.end();
    }
    if (streams.size > 0) void look();
  };
  const forget = (stream: Stream): void => {
    streams.delete(stream);
    if (streams.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return (c, session) => {
    if (sources.isEnding()) {
      return respondProblem(c, ownFault('draining', 'The gateway is shutting down.'));
    }
    const ofSession = [...streams].filter((stream) => stream.session === session);
    if (streams.size >= LIVE_STREAMS_MAX || ofSession.length >= LIVE_SESSION_STREAMS_MAX) {
      const detail =
        `A process has at most ${LIVE_STREAMS_MAX} live streams, ` +
        `and a session ${LIVE_SESSION_STREAMS_MAX} of them.`;
      return respondProblem(c, ownFault('overloaded', detail, { retryAfterSeconds: 5 }));
    }
    // Nobody would read or cancel the stream of an answer to HEAD.
    if (c.req.method === 'HEAD') return respond(c, 200, EVENT_STREAM_TYPE, '');
    const endsAtMs = monotonicMs() + LIVE_STREAM_MS_MAX;
    const hasRuns = c.req.query('of') === 'matches';
    const body = openStream(streams, forget, { endsAtMs, hasRuns, session });
    timer ??= setInterval(tick, LIVE_INTERVAL_MS).unref();
    void look();
    return respond(c, 200, EVENT_STREAM_TYPE, body);
  };
}

/** Answers with a stream that ends at once, after which the browser tries again in 5 s. */
export function respondLater(c: Context): Response {
  return respond(c, 200, EVENT_STREAM_TYPE, 'retry: 5000\n\n');
}

const EVENT_STREAM_TYPE = 'text/event-stream; charset=utf-8';

const eventEncoder = new TextEncoder();

/** Opens a stream; one whose reader is slow misses updates, each of which has everything. */
function openStream(
  streams: Set<Stream>,
  forget: (stream: Stream) => void,
  { endsAtMs, hasRuns, session }: Pick<Stream, 'endsAtMs' | 'hasRuns' | 'session'>,
): ReadableStream<Uint8Array> {
  let own: Stream | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const stream: Stream = {
          endsAtMs,
          hasRuns,
          session,
          send: (bytes) => {
            if ((controller.desiredSize ?? 0) > 0) controller.enqueue(bytes);
          },
          end: () => {
            forget(stream);
            // Its reader has not taken what is there: only an error closes the connection.
            if ((controller.desiredSize ?? 0) > 0) controller.close();
            else controller.error(new Error('The reader of a live stream is too slow.'));
          },
        };
        own = stream;
        streams.add(stream);
        controller.enqueue(eventEncoder.encode('retry: 1000\n\n'));
      },
      cancel: () => {
        if (own !== undefined) forget(own);
      },
    },
    { highWaterMark: 4 },
  );
}
