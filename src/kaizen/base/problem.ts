import { plainLine } from "../../domain/text/plain-text.ts";
import { KaizenError } from "../../errors.ts";

const MESSAGE_CHARACTERS = 500;

/** Why something of one agent failed, in one sentence and a next step, also where the fault is ours. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export function problemOf(error: unknown): Problem {
  if (error instanceof KaizenError) {
    const { code, hint, message } = error;
    return { code, message: plainLine(message, MESSAGE_CHARACTERS), hint };
  }
  const what = error instanceof Error ? error.message : String(error);
  return {
    code: "INTERNAL",
    message: plainLine(`Something went wrong inside kaizen-metrics: ${what}`, MESSAGE_CHARACTERS),
    hint: undefined,
  };
}
