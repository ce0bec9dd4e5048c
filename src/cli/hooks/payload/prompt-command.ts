import type { Payload } from "./payload.ts";

/** What a person has said of a run by a command of ours. */
export interface PromptCommand {
  readonly success: boolean;
  /** What stood behind the command; empty if nothing did. */
  readonly why: string;
}

const named = /^\/?kaizen-metrics:(good|bad)$/;
const typed = /^\s*\/kaizen-metrics:(good|bad)(?:\s+([\s\S]*))?$/;

/**
 * The command in a prompt; `undefined` for any other prompt. Claude Code names it in UserPromptExpansion; in
 * UserPromptSubmit it stands at the beginning of the prompt, as it was typed.
 */
export function commandIn({ command_args = "", command_name, prompt = "" }: Payload): PromptCommand | undefined {
  if (command_name !== undefined) {
    const [, verdict] = named.exec(command_name) ?? [];
    return verdict === undefined ? undefined : { success: verdict === "good", why: command_args.trim() };
  }
  const [, verdict, why = ""] = typed.exec(prompt) ?? [];
  return verdict === undefined ? undefined : { success: verdict === "good", why: why.trim() };
}
