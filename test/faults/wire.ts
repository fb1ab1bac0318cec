import type { HttpResponse } from '../../src/adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../src/limits.ts';
import { createUndiciSend } from '../../src/node/http-client/send.ts';
import type { Send, TransportFailure } from '../../src/ports.ts';
import type { FaultProxy, Script } from './proxy.ts';

/** The way from a gateway to the vendor of one case, and the clock that both go by. */
export type Wire = {
  readonly origin: string;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly advance: (ms: number) => void;
  readonly random: () => number;
  readonly send: Send;
  readonly begin: (script: Script) => void;
  /** Ends the case. */
  readonly end: () => Promise<void>;
};

/** Sockets, a proxy that breaks them, and time as it passes. */
export function socketWire(proxy: FaultProxy): Wire {
  const transport = createUndiciSend();
  let aheadMs = 0;
  return {
    origin: proxy.origin,
    now: () => Date.now() + aheadMs,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    advance: (ms) => {
      aheadMs += ms;
    },
    random: Math.random,
    send: transport.send,
    begin: proxy.begin,
    end: async () => {
      proxy.end();
      await transport.close();
    },
  };
}

const START_MS = Date.parse('2026-03-01T12:00:00.250Z');
/** Time that a request takes which nothing holds up. */
const TRIP_MS = 3;
/** More than any case needs: a gateway that never stops sending is broken. */
const REQUESTS_MAX = 120;

/** The same without a socket: time passes only where something waits for it. */
export function memoryWire(): Wire {
  let nowMs = START_MS;
  let requests = 0;
  let script: Script | undefined;
  return {
    origin: 'http://vendor.test',
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    advance: (ms) => {
      nowMs += ms;
    },
    random: () => 0.5,
    begin: (next) => {
      script = next;
    },
    end: async () => {
      script = undefined;
    },
    send: async (request, timeoutMs) => {
      requests += 1;
      if (script === undefined || requests > REQUESTS_MAX) throw new Error('too many requests');
      nowMs += TRIP_MS;
      if (script.lookup() !== 'proxy') return lost('connect', false);
      const connection = script.connection();
      const met =
        connection === 'serve' ? await answerOf(script, request, timeoutMs) : ended(connection);
      if ('failure' in met && met.failure === 'timeout') nowMs += timeoutMs;
      return met;
    },
  };
}

const lost = (failure: TransportFailure['failure'], sent = true): TransportFailure => ({
  failure,
  sent,
  reason: failure,
});
const ended = (connection: 'hang' | 'reset'): TransportFailure =>
  lost(connection === 'hang' ? 'timeout' : 'reset');

/** What the script makes of one request, as the transport would see it. */
async function answerOf(
  script: Script,
  { body = '', headers, method, origin, path }: Parameters<Send>[0],
  timeoutMs: number,
): Promise<HttpResponse | TransportFailure> {
  let met: HttpResponse | TransportFailure = lost('timeout');
  await script.request({
    method,
    path,
    body,
    headers,
    host: new URL(origin).host,
    answer: (answer) => {
      const isGiant = answer.body.length > RESPONSE_BODY_BYTES_MAX;
      met = isGiant ? lost('answer_too_large') : answer;
    },
    cut: () => {
      met = lost('reset');
    },
    dribble: (answer, everyMs) => {
      met = answer.body.length * everyMs < timeoutMs ? answer : lost('timeout');
    },
    reset: () => {
      met = lost('reset');
    },
  });
  return met;
}
