/** The lists that have pages; a cursor of one does not fit the other. */
export type PagedList = 'receipts' | 'in_doubt' | 'links' | 'matches';

/** Returns the opaque text that leads to the page after `place`. */
export function encodeCursor(list: PagedList, place: string): string {
  const bytes = new TextEncoder().encode(`${list}\n${place}`);
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Returns the place that a cursor leads to; undefined where it is none of `list`. */
export function decodeCursor(list: PagedList, cursor: string): string | undefined {
  if (!/^[\w-]+$/.test(cursor)) return undefined;
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
    const place = strictText.decode(bytes).slice(list.length + 1);
    // A text that was altered, or is of another list, may decode to a place too.
    const isWhole = place !== '' && encodeCursor(list, place) === cursor;
    return isWhole && isStorable(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

/** Reports whether a text may stand in a database: PostgreSQL fails on a NUL. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** Rejects bytes that are not UTF-8. */
const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
