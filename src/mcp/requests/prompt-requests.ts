import type { GetPromptResult, ListPromptsResult } from "@modelcontextprotocol/sdk/types.js";
import { nearestName } from "../../domain/text/nearest-name.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { invalidParams } from "../frame/errors.ts";
import type { Prompt } from "../prompts/define-prompt.ts";
import { prompts } from "../prompts/index.ts";

export function listPrompts(): ListPromptsResult {
  return { prompts: prompts.map((prompt) => prompt.listing()) };
}

export async function getPrompt(
  kaizen: () => Promise<Kaizen>,
  { name, arguments: args }: { readonly name: string; readonly arguments?: unknown },
): Promise<GetPromptResult> {
  return promptNamed(name).get(kaizen, args);
}

/** Throws an error of the protocol if there is none of this name. */
export function promptNamed(name: string): Prompt {
  const found = prompts.find((prompt) => prompt.name === name);
  if (found !== undefined) return found;
  const names = prompts.map((prompt) => prompt.name);
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? `There are: ${names.join(", ")}.` : `Did you mean "${nearest}"?`;
  throw invalidParams(`There is no prompt ${JSON.stringify(name.slice(0, 80))}. ${meant}`);
}
