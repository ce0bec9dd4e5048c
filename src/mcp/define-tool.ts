import type { CallToolResult, Tool as ToolListing } from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import { parseArguments } from "../domain/arguments.ts";
import type { Kaizen } from "../kaizen.ts";
import { inputSchema, outputSchema } from "./json-schema.ts";

/** A tool is data and one function from arguments to a value. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A strict object: an unknown argument is a mistake that the caller should hear of. */
  readonly input: Input;
  readonly output: Output;
  readonly hints: ToolHints;
  run(kaizen: Kaizen, args: z.output<Input>): Promise<z.input<Output>>;
  /** The value in a sentence, for people and for models that are shown text only. */
  sentence(value: z.output<Output>): string;
}

/** All four, always: what the protocol assumes where one is missing is the worst. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool as the server sees it. */
export interface Tool {
  readonly name: string;
  listing(): ToolListing;
  /** Throws a `KaizenError` for what the caller can mend. */
  call(kaizen: () => Promise<Kaizen>, args: unknown): Promise<CallToolResult>;
}

export const readingHints: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description } = tool;
  return {
    name,
    listing: () => ({
      name,
      title,
      description,
      inputSchema: inputSchema(tool.input),
      outputSchema: outputSchema(tool.output),
      annotations: { ...tool.hints },
    }),
    async call(kaizen, input) {
      // Arguments first: a mistake in them is worth hearing of also where no project is to be found.
      const args = parseArguments(tool.input, input ?? {});
      const value = tool.output.parse(await tool.run(await kaizen(), args));
      // Some clients show a model only the text, others only the structure: each holds everything. The JSON is a part
      // of its own, as the protocol advises, for callers that parse the text.
      const texts = [JSON.stringify(value), tool.sentence(value)];
      return { content: texts.map((text) => ({ type: "text", text })), structuredContent: value };
    },
  };
}
