/**
 * The text with which Python's `json` refuses `text` (transcript: invalid JSON). The place comes
 * from the engine's own message; what was expected there follows from the text before it.
 */
export function notJsonMessage(text: string): string {
  const at = faultOffset(text);
  const before = text.slice(0, at).trimEnd();
  const line = text.slice(0, at).split('\n').length;
  const column = at - text.lastIndexOf('\n', at - 1);
  return `${expectation(text, at, before)}: line ${line} column ${column} (char ${at})`;
}

function faultOffset(text: string): number {
  try {
    JSON.parse(text);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const place = /position (\d+)/.exec(message)?.[1];
    return place === undefined ? text.length : Number(place);
  }
}

function expectation(text: string, at: number, before: string): string {
  if (at < text.length && text.charCodeAt(at) < 0x20) {
    return 'Invalid control character at';
  }
  const last = before.at(-1) ?? '';
  if (last === '{') return 'Expecting property name enclosed in double quotes';
  if (last === ':' || last === '[') return 'Expecting value';
  if (last === '}' && at < text.length) return 'Extra data';
  return last === ','
    ? 'Expecting property name enclosed in double quotes'
    : "Expecting ',' delimiter";
}
