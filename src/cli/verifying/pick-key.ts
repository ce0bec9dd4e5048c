import type { CommandContext } from "../frame/define-command.ts";

/**
 * Asks for one key at a terminal, and gives it as a number from 1 to 9; `undefined` for any other: q, Escape, Ctrl-C.
 *
 * Stands in for @inquirer/prompts, a dependency for more than this: there is one list, and one key.
 */
export async function pickedKey(
  question: Parameters<CommandContext["ask"]>[0],
  { ask, stdin }: Pick<CommandContext, "ask" | "stdin">,
): Promise<number | undefined> {
  // Before the question: its reader may press a key at once.
  stdin.setRaw?.(true);
  try {
    await ask(question);
    for await (const chunk of stdin.chunks()) {
      const [byte] = chunk;
      if (chunk.length !== 1 || byte === undefined) return undefined;
      const digit = byte - "0".charCodeAt(0);
      return digit >= 1 && digit <= 9 ? digit : undefined;
    }
    return undefined;
  } finally {
    stdin.setRaw?.(false);
  }
}
