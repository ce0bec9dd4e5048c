/** What a client takes from a hook into a conversation costs room in it: never more than this, in UTF-8. */
export const MAX_CONTEXT_BYTES = 4096;

/** As many of the first lines as fit into so many bytes, with a word on what is left out. */
export function boundedLines(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const end = "\n(cut here)\n";
  const lines: string[] = [];
  let left = maxBytes - Buffer.byteLength(end);
  for (const line of text.split("\n")) {
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) break;
    lines.push(line);
  }
  return `${lines.join("\n").trimEnd()}${end}`;
}
