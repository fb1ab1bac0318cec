/** JSON Pointer (RFC 6901) of `key` below `parent`. */
export function pointerTo(parent: string, key: string): string {
  if (key.indexOf('~') < 0 && key.indexOf('/') < 0) return `${parent}/${key}`;
  return `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The reference tokens of a pointer, unescaped. */
export function pointerTokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
