import * as z from 'zod/mini';
import { WORKER_ANSWER_MS, WORKER_QUESTIONS_MAX } from '../../limits.ts';
import { boundedWait } from '../../state/bounded-wait.ts';

/** The way between the primary and one worker, the same on both sides. */
export type Channel = {
  /** Sends a message that needs no answer. */
  readonly post: (kind: string, body?: unknown) => void;
  /** Resolves with the answer of the other side; undefined where none comes in time. */
  readonly ask: (kind: string, body?: unknown, waitMsMax?: number) => Promise<unknown>;
  /** Takes a message of the other side. */
  readonly take: (message: unknown) => void;
  /** Ends all waits for answers. */
  readonly close: () => void;
};

/** Work on each kind of message; what it returns, or resolves with, is the answer to a question. */
export type Handlers = ReadonlyMap<string, (body: unknown) => unknown>;

const messageSchema = z.object({
  kind: z.string(),
  /** Number of a question. */
  asks: z.optional(z.int()),
  /** Number of the question that this answers. */
  answers: z.optional(z.int()),
  body: z.optional(z.unknown()),
});
type Message = z.infer<typeof messageSchema>;

/** Opens a channel over `send`, which may fail in silence: the other side may have ended. */
export function openChannel(send: (message: Message) => void, handlers: Handlers): Channel {
  const waiting = new Map<number, (answer: unknown) => void>();
  let count = 0;

  const answerTo = async (kind: string, body: unknown): Promise<unknown> =>
    await handlers.get(kind)?.(body);
  const handle = async ({ asks, body, kind }: Message): Promise<void> => {
    const answer = await answerTo(kind, body).catch(() => undefined);
    if (asks !== undefined) send({ kind, answers: asks, body: answer });
  };
  return {
    post: (kind, body) => send({ kind, body }),
    ask: async (kind, body, waitMsMax = WORKER_ANSWER_MS) => {
      if (waiting.size >= WORKER_QUESTIONS_MAX) return undefined;
      count += 1;
      const asks = count;
      const wait = boundedWait<unknown>(waitMsMax, () => undefined);
      waiting.set(asks, wait.end);
      send({ kind, asks, body });
      return await wait.result.finally(() => waiting.delete(asks));
    },
    take: (given) => {
      const read = messageSchema.safeParse(given);
      if (!read.success) return;
      const { answers, body } = read.data;
      if (answers === undefined) void handle(read.data);
      else waiting.get(answers)?.(body);
    },
    close: () => {
      for (const end of waiting.values()) end(undefined);
    },
  };
}
