import { isUtf8 } from 'node:buffer';
import { IncomingMessage } from 'node:http';
import { fail, type Result, succeed } from './contract/index.ts';
import { readBody, tooLarge } from './gateway/body.ts';
import type { ReadText } from './gateway/ports.ts';
import { ownFault } from './gateway/problem.ts';

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
  return announced > bytesMax ? Promise.resolve(tooLarge(bytesMax)) : collect(incoming, bytesMax);
};

function incomingOf(bindings: unknown): IncomingMessage | undefined {
  if (typeof bindings !== 'object' || bindings === null || !('incoming' in bindings)) return;
  return bindings.incoming instanceof IncomingMessage ? bindings.incoming : undefined;
}

function collect(incoming: IncomingMessage, bytesMax: number): Promise<Result<string>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (result: Result<string>): void => {
      incoming.off('data', take).off('end', whole).off('close', broken).off('error', broken);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bytesMax) end(tooLarge(bytesMax));
      else chunks.push(chunk);
    };
    const whole = (): void => {
      const [first] = chunks;
      end(textOf(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)));
    };
    const broken = (): void =>
      end(fail(ownFault('malformed_json', 'The body broke off before its end.')));
    incoming.on('data', take).once('end', whole).once('close', broken).once('error', broken);
  });
}

function textOf(bytes: Buffer): Result<string> {
  if (!isUtf8(bytes)) return fail(ownFault('malformed_json', 'The body is not UTF-8.'));
  const text = bytes.toString('utf8');
  return succeed(text.startsWith('\uFEFF') ? text.slice(1) : text);
}
