import { expect, test } from 'vitest';
import { createProgressLine } from '../../../src/node/cli/links/progress-line.ts';

function output(isTTY: boolean) {
  const written: string[] = [];
  const stream = {
    isTTY,
    columns: 10,
    write: (text: string | Uint8Array) => written.push(String(text)) > 0,
  };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

test('a terminal has one line that changes, cut to its width, and is clean at the end', () => {
  const { stream, written } = output(true);
  const line = createProgressLine(true, stream);
  for (const text of ['1 of 3', '1 of 3', 'a text too long']) line.show(text);
  line.end();
  expect(written).toEqual(['\r\u001b[K1 of 3', '\r\u001b[Ka text to', '\r\u001b[K']);
});

test('a log has a plain line now and then', () => {
  const { stream, written } = output(false);
  let nowMs = 0;
  const line = createProgressLine(true, stream, () => nowMs);
  for (let n = 0; n < 12; n += 1) {
    line.show(`${n} of 12`);
    nowMs += 1_000;
  }
  line.end();
  expect(written).toEqual(['0 of 12\n', '5 of 12\n', '10 of 12\n']);
});

test('nothing is shown where nobody asked for it', () => {
  const { stream, written } = output(true);
  const line = createProgressLine(false, stream);
  line.show('1 of 3');
  line.end();
  expect(written).toEqual([]);
});
