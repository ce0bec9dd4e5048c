/** Names a run of one log by its place: the offset of its line, and its number in the line, from 0. */
export function runPosition(start: number, number: number): string {
  return `${start}:${number}`;
}

/** Where the line begins of the run that a position names. */
export function lineStart(position: string): number {
  return Number.parseInt(position, 10);
}
