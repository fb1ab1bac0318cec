import {
  type Digests,
  isList,
  type Json,
  type MaybePromise,
  parsePlain,
} from '../../adapter-kit/index.ts';
import { LIST_CURSOR_CHARACTERS_MAX } from '../../limits.ts';
import type { Target } from '../../upstream/target.ts';

/** The list that a cursor belongs to. */
export type ListScope = {
  readonly target: Pick<Target, 'name' | 'connection'>;
  readonly filters: ReadonlyMap<string, string>;
  readonly limit: number;
};

/** Gives out cursors, and reads those that it has given out. */
export type ListCursors = {
  readonly seal: (scope: ListScope, position: Json) => Promise<string>;
  /** Returns the position; undefined where the cursor is not one of this list. */
  readonly open: (scope: ListScope, cursor: string) => Promise<Json | undefined>;
};

/** Form of a position's text, which a new one of an adapter need not raise: it checks its own. */
const FORM = 'list-cursor-1';
/** Hexadecimal digits of a signature: 128 bits. */
const SIGNATURE_CHARACTERS = 32;

/**
 * Signs the position of a vendor's list, which it holds, together with target, account, filters and
 * limit, which it does not. Without `key` the cursors hold for this process alone.
 */
export function createListCursors(
  { hmacSha256 }: Pick<Digests, 'hmacSha256'>,
  key: string | undefined,
): ListCursors {
  let ownKey = key;
  const sign = async ({ filters, limit, target }: ListScope, text: string): Promise<string> => {
    ownKey ??= crypto.randomUUID() + crypto.randomUUID();
    const { connection, name } = target;
    const sorted = [...filters].sort(([a], [b]) => (a < b ? -1 : 1));
    const scope = JSON.stringify([FORM, name, connection.account, sorted, limit, text]);
    const signature: MaybePromise<string> = hmacSha256(ownKey, scope, 'hex');
    return (await signature).slice(0, SIGNATURE_CHARACTERS);
  };
  return {
    seal: async (scope, position) => {
      const text = base64Url(JSON.stringify([position]));
      return `${text}.${await sign(scope, text)}`;
    },
    open: async (scope, cursor) => {
      if (cursor.length > LIST_CURSOR_CHARACTERS_MAX) return undefined;
      const [text = '', signature, ...rest] = cursor.split('.');
      if (rest.length > 0 || signature !== (await sign(scope, text))) return undefined;
      const read = parsePlain(decodedText(text));
      return isList(read) ? read[0] : undefined;
    },
  };
}

function base64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads a text that was signed, so that it surely is one. */
function decodedText(base64: string): string {
  const binary = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)));
}
