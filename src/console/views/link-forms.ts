/** Reads lines such as `target: upstreamId`; the API judges what they name. */
export function linkParts(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.search(/[:=\s]/);
      const name = end < 0 ? line : line.slice(0, end);
      return [name.trim(), end < 0 ? '' : line.slice(end + 1).trim()];
    }),
  );
}
