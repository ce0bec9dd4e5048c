import { plainLine } from "../domain/text/plain-text.ts";

/** An agent's name in a sentence. Other writers may have given names that we would not. */
export function named(agent: string): string {
  return plainLine(agent, 64);
}

/** An agent's name in a sentence, between quotation marks. */
export function quoted(agent: string): string {
  return JSON.stringify(named(agent));
}
