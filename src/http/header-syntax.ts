/** Text up to a comma or a semicolon that no quoted string holds (RFC 9110, 5.6.1 and 5.6.6). */
const ELEMENTS = {
  ',': /(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/gs,
  ';': /(?:[^";]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/gs,
};

/** Splits a header's value at separators outside quoted strings; empty elements are left out. */
export function splitUnquoted(value: string, separator: ',' | ';'): string[] {
  const elements = value.match(ELEMENTS[separator]) ?? [];
  return elements.map((element) => element.trim()).filter((element) => element !== '');
}

/** Returns the lower-case name and the unquoted value of `name=value`; `''` without a value. */
export function parameterOf(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 0) return [text.toLowerCase(), ''];
  const value = text.slice(at + 1).trim();
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  const plain = isQuoted ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value;
  return [text.slice(0, at).trim().toLowerCase(), plain];
}

/** Reports whether an `Accept` header names the media type itself, with a weight above 0. */
export function acceptsType(accept: string, type: string): boolean {
  return splitUnquoted(accept, ',').some((range) => {
    const [name = '', ...parameters] = splitUnquoted(range, ';');
    const weight = parameters.map(parameterOf).find(([parameter]) => parameter === 'q')?.[1];
    return name.toLowerCase() === type && Number(weight ?? 1) > 0;
  });
}
