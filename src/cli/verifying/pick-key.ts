import type { CommandContext } from "../frame/define-command.ts";

/**
 * One key of a person at a terminal, as a number from 1 to 9; `undefined` for any other: q, Escape, Ctrl-C.
 *
 * Stands in for @inquirer/prompts (25 packages): there is one list, and one key.
 */
export async function pickedKey({ stdin }: Pick<CommandContext, "stdin">): Promise<number | undefined> {
  stdin.setRaw?.(true);
  try {
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
