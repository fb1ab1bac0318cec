/**
 * Lists as parameters in PostgreSQL's binary form. The driver writes a list as one text in which
 * each element is escaped, and JSON is full of what has to be.
 *
 * The form: number of dimensions, a flag for nulls, and the type of the elements, 4 bytes each; for
 * the one dimension its length and its first index; for each element its length, or -1 for null,
 * and its bytes (PostgreSQL 18, src/backend/utils/adt/arrayfuncs.c, `array_recv`).
 */

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;
/** Numbers of the types in the catalogue of every server. */
const TYPE_NUMBERS = { int8: 20, text: 25, float8: 701 } as const;

/** Encodes a `text[]`; undefined stands for null. */
export function textArray(texts: readonly (string | undefined)[]): Buffer {
  const bytes = texts.reduce((sum, text) => sum + LENGTH_BYTES + byteLength(text), 0);
  const buffer = headed(TYPE_NUMBERS.text, texts.length, bytes);
  let at = HEADER_BYTES;
  for (const text of texts) {
    const length = text === undefined ? -1 : buffer.write(text, at + LENGTH_BYTES, 'utf8');
    at = buffer.writeInt32BE(length, at) + Math.max(0, length);
  }
  return buffer;
}

/** Encodes a `bigint[]` of numbers that are whole. */
export function bigintArray(numbers: readonly number[]): Buffer {
  return numberArray(TYPE_NUMBERS.int8, numbers, (buffer, number, at) =>
    buffer.writeBigInt64BE(BigInt(number), at),
  );
}

/** Encodes a `float8[]`. */
export function floatArray(numbers: readonly number[]): Buffer {
  return numberArray(TYPE_NUMBERS.float8, numbers, (buffer, number, at) =>
    buffer.writeDoubleBE(number, at),
  );
}

/** `write` puts a number at a place, and returns the one behind it. */
function numberArray(
  type: number,
  numbers: readonly number[],
  write: (buffer: Buffer, number: number, at: number) => number,
): Buffer {
  const buffer = headed(type, numbers.length, numbers.length * (LENGTH_BYTES + NUMBER_BYTES));
  let at = HEADER_BYTES;
  for (const number of numbers) at = write(buffer, number, buffer.writeInt32BE(NUMBER_BYTES, at));
  return buffer;
}

function headed(type: number, length: number, elementBytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elementBytes);
  let at = 0;
  // The server finds nulls by their lengths, whatever the second number says.
  for (const number of [1, 1, type, length, 1]) at = buffer.writeInt32BE(number, at);
  return buffer;
}

function byteLength(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text, 'utf8');
}
