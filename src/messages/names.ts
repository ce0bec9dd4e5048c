import { plainLine } from "../domain/text/plain-text.ts";

/** An agent's name in a sentence. Other writers may have given names that we would not. */
export function named(agent: string): string {
  return plainLine(agent, 64);
}

/** An agent's name in a sentence, between quotation marks. */
export function quoted(agent: string): string {
  return JSON.stringify(named(agent));
}

/** A timestamp as it was recorded: other writers may have put any text there. */
export function instant(timestamp: string | null): string {
  return timestamp === null ? "n/a" : plainLine(timestamp, 64);
}
