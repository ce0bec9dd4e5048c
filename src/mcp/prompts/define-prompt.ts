import type { GetPromptResult, Prompt as PromptListing } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";
import { parseArguments } from "../../domain/text/arguments.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { framedFacts } from "../../messages/framed-facts.ts";

/** A prompt is data, the recorded facts that it embeds, and what it asks of the reader. */
export interface PromptDefinition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A strict object of strings: the protocol knows no others. */
  readonly input: Input;
  /** Markdown in which whatever was recorded by agents is escaped. */
  facts(kaizen: Kaizen, args: z.output<Input>): Promise<string>;
  ask(args: z.output<Input>): string;
}

/** A prompt as the server sees it. */
export interface Prompt {
  readonly name: string;
  readonly argumentNames: readonly string[];
  listing(): PromptListing;
  /** Throws a `KaizenError` for what the caller can mend. */
  get(kaizen: () => Promise<Kaizen>, args: unknown): Promise<GetPromptResult>;
}

export function definePrompt<Input extends z.ZodObject>(prompt: PromptDefinition<Input>): Prompt {
  const { name, title, description, input } = prompt;
  return {
    name,
    argumentNames: Object.keys(input.shape),
    listing: () => ({ name, title, description, arguments: Object.entries(input.shape).map(listedArgument) }),
    async get(kaizen, given) {
      const args = parseArguments(input, given ?? {});
      const project = await kaizen();
      const facts = await project.network.asOneCall(() => prompt.facts(project, args));
      // Facts before what is asked.
      return { description, messages: [framedFacts(project, facts), prompt.ask(args)].map(userMessage) };
    },
  };
}

function listedArgument([name, schema]: [string, unknown]) {
  const description = schema instanceof z.ZodType ? (schema.description ?? "") : "";
  return { name, description, required: !(schema instanceof z.ZodOptional) };
}

function userMessage(text: string): GetPromptResult["messages"][number] {
  return { role: "user", content: { type: "text", text } };
}
