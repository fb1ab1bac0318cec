import fc from 'fast-check';

const SURROGATES_BEGIN = 0xd800;
const SURROGATES = 0x800;
const CODE_POINT_MAX = 0x10ffff;

/**
 * Any code point but surrogates, as fast-check's unit `binary`. That one fills a map of all million
 * of them in every process, which takes two seconds.
 */
export const codePoint: fc.Arbitrary<string> = fc
  .nat({ max: CODE_POINT_MAX - SURROGATES })
  .map(characterAt, indexOf);

function characterAt(index: number): string {
  return String.fromCodePoint(index < SURROGATES_BEGIN ? index : index + SURROGATES);
}

/** Throws for what is no single code point, as fast-check expects of an arbitrary. */
function indexOf(character: unknown): number {
  const code = typeof character === 'string' ? character.codePointAt(0) : undefined;
  if (code === undefined || String.fromCodePoint(code) !== character) throw new TypeError();
  if (code >= SURROGATES_BEGIN && code < SURROGATES_BEGIN + SURROGATES) throw new TypeError();
  return code < SURROGATES_BEGIN ? code : code - SURROGATES;
}
