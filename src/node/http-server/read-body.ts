import type { IncomingMessage } from 'node:http';
import type { Result } from '../../adapter-kit/index.ts';
import { brokenOff, readBody, textOf, tooLarge } from '../../http/request-body.ts';
import type { ReadText } from '../../ports.ts';
import { createTickBatcher } from '../event-loop-batch.ts';
import { incomingOf } from './incoming-message.ts';

const atTurnEnd = createTickBatcher();

/**
 * Reads a body from Node's own message, which costs 2 µs less than through a `Request`. What was
 * broken off before anybody listened is left to the server, which knows what of it came whole.
 */
export const readIncoming: ReadText = (request, bytesMax, bindings) => {
  const incoming = incomingOf(bindings);
  if (incoming === undefined || incoming.destroyed || incoming.readableDidRead) {
    return readBody(request, bytesMax);
  }
  const announced = Number(incoming.headers['content-length'] ?? 0);
  return announced > bytesMax
    ? Promise.resolve(tooLarge(bytesMax))
    : collectChunks(incoming, bytesMax);
};

function collectChunks(incoming: IncomingMessage, bytesMax: number): Promise<Result<string>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOver = false;
    // The listeners stay: taking them off costs more than they do, and one for errors is needed.
    const end = (result: Result<string>): void => {
      if (isOver) return;
      isOver = true;
      atTurnEnd(() => resolve(result));
    };
    const take = (chunk: Buffer): void => {
      if (isOver) return;
      bytes += chunk.length;
      if (bytes > bytesMax) end(tooLarge(bytesMax));
      else chunks.push(chunk);
    };
    const whole = (): void => {
      const [first] = chunks;
      end(textOf(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)));
    };
    const broken = (): void => end(brokenOff());
    incoming.on('data', take).on('end', whole).on('close', broken).on('error', broken);
  });
}
