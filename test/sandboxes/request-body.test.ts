import { describe, expect, test } from 'vitest';
import { decodeUtf8, readBody } from '../../adapters/sandbox-kit/request-body.ts';

function requestOf(...chunks: readonly string[]): Request {
  const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
  return new Request('http://sandbox.test/', { method: 'POST', body, duplex: 'half' });
}

describe('readBody', () => {
  test.each([
    ['no body', [], '', false],
    ['one chunk', ['abcd'], 'abcd', false],
    ['as many bytes as are allowed', ['ab', 'cd'], 'abcd', false],
    ['one byte more', ['ab', 'cde'], 'abcd', true],
    ['a chunk more', ['abcd', 'e', 'f'], 'abcd', true],
  ])('%s', async (_name, chunks, text, isTooLarge) => {
    const body = await readBody(requestOf(...chunks), 4);
    expect([decodeUtf8(body.bytes), body.isTooLarge]).toEqual([text, isTooLarge]);
  });

  test('a body without an end is not read on', async () => {
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        chunks += 1;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const request = new Request('http://sandbox.test/', { method: 'POST', body, duplex: 'half' });
    expect((await readBody(request, 2500)).bytes.byteLength).toBe(2500);
    expect(chunks).toBeLessThan(10);
  });
});

test('bytes that are no UTF-8 have no text', () => {
  expect(decodeUtf8(Uint8Array.of(0xe9))).toBeUndefined();
  expect(decodeUtf8(new TextEncoder().encode('\uFEFFé'))).toBe('\uFEFFé');
});
