import { createHash } from 'node:crypto';

/** Texts that must stand nowhere; all of a kind begin with its mark, so that few are looked for. */
export type Canaries = { readonly marks: readonly string[]; readonly texts: readonly string[] };

/** Finds a mark in any of its forms; returns the forms that were found. */
export function findMarks(bytes: Buffer, { marks }: Canaries): string[] {
  return marks.flatMap((mark) =>
    Object.entries(formsOf(mark)).flatMap(([form, texts]) =>
      texts.some((text) => bytes.includes(text)) ? [`${mark} (${form})`] : [],
    ),
  );
}

/** The begins of digests of texts, each with its text. */
export type Digests = ReadonlyMap<string, string>;

/** Computes what anybody could: plain digests of values, which give short ones away. */
export function digestsOf({ texts }: Canaries): Digests {
  return new Map(
    texts.flatMap((text) =>
      [text, JSON.stringify(text)].flatMap((shown) =>
        DIGESTS.flatMap((name) => {
          const digest = createHash(name).update(shown).digest();
          const forms = (['hex', 'base64', 'base64url'] as const).map((form) =>
            digest.toString(form),
          );
          return forms.map((form): [string, string] => [form.slice(0, DIGEST_CHARACTERS), text]);
        }),
      ),
    ),
  );
}

/** Finds digests, whole or cut off. */
export function findDigests(bytes: Buffer, digests: Digests): string[] {
  return [...bytes.toString('latin1').matchAll(/[\w+/-]{20,}/g)].flatMap(([word]) => {
    const text = digests.get(word.slice(0, DIGEST_CHARACTERS));
    return text === undefined ? [] : [text];
  });
}

const DIGESTS = ['md5', 'sha1', 'sha256', 'sha512'];
/** Nobody has as many by chance; a digest of 128 bits has 22 in Base64. */
const DIGEST_CHARACTERS = 20;

/** A text as it may stand in a table, a file or a log. */
export function formsOf(text: string): Record<string, string[]> {
  const hex = Buffer.from(text).toString('hex');
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const percent = encodeURIComponent(text);
  return {
    raw: [text],
    utf16: [Buffer.from(text, 'utf16le').toString('latin1')],
    hex: [hex, hex.toUpperCase()],
    base64: [0, 1, 2].flatMap((offset) => {
      const inner = innerBase64(text, offset);
      return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
    }),
    json: [json, ascii, JSON.stringify(json).slice(1, -1)],
    percent: [percent, percent.toLowerCase(), percent.replaceAll('%20', '+')],
  };
}

/** The Base64 of a text that stands behind `offset` others, without what neighbours share. */
function innerBase64(text: string, offset: number): string {
  const length = Buffer.byteLength(text);
  const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]).toString('base64');
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + length) * 8) / 6));
}
