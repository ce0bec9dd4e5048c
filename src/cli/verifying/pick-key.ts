import type { CommandContext } from "../frame/define-command.ts";

/** Asks a question, and gives the key that is pressed; `undefined` for one that is no character: Escape, an arrow. */
export type AskForKey = (question: Parameters<CommandContext["ask"]>[0]) => Promise<string | undefined>;

/**
 * Asks at a terminal for one key after the other.
 *
 * Stands in for @inquirer/prompts, a dependency for more than this: there is one list, and one key.
 */
export async function withKeys<T>(
  { ask: print, print: write, stdin }: Pick<CommandContext, "ask" | "print" | "stdin">,
  use: (ask: AskForKey) => Promise<T>,
): Promise<T> {
  // Before the question: its reader may press a key at once.
  stdin.setRaw?.(true);
  // One reading for every question: the end of a reading closes stdin.
  const keys = stdin.chunks()[Symbol.asyncIterator]();
  try {
    return await use(async (question) => {
      await print(question);
      const { done, value } = await keys.next();
      await write("\n");
      return done === true || value.length !== 1 ? undefined : value.toString("latin1");
    });
  } finally {
    await keys.return?.();
    stdin.setRaw?.(false);
  }
}
