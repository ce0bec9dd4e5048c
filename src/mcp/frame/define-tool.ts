import type { CallToolResult, Tool as ToolListing } from "@modelcontextprotocol/sdk/types.js";
import type * as z from "zod";
import { parseArguments } from "../../domain/text/arguments.ts";
import { isJsonObject } from "../../domain/text/json.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { foreignNote } from "../../messages/trust.ts";
import { inputSchema, outputSchema } from "./json-schema.ts";

interface ToolLabels<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /**
   * How a model comes to it in a client that shows the names of tools only, and the rest after a search (Claude Code):
   * `always` is shown in full from the start, also to subagents; `by` has further words for the search, beside name and
   * description.
   */
  readonly found: "always" | { readonly by: string };
  /** A strict object: an unknown argument is a mistake that the caller should hear of. */
  readonly input: Input;
  readonly hints: ToolHints;
}

/** A tool is data and one function from arguments to a value. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> extends ToolLabels<Input> {
  readonly output: Output;
  /** `nulls` names the arguments that came as `null`, and count as left out. */
  run(kaizen: Kaizen, args: z.output<Input>, nulls: readonly string[]): Promise<z.input<Output>>;
  /** The value in a sentence, for people and for models that are shown text only. */
  sentence(value: z.output<Output>): string;
}

/** A tool that answers with markdown: content only, since some clients show a model the structure in place of the text. */
export interface MarkdownToolDefinition<Input extends z.ZodObject> extends ToolLabels<Input> {
  /** Each text is a part of its own. */
  run(kaizen: Kaizen, args: z.output<Input>): Promise<readonly string[]>;
}

/** All four, always: what the protocol assumes if one is missing is the worst. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool as the server sees it. */
export interface Tool {
  readonly name: string;
  /** Whether a call may change what is kept. */
  readonly writes: boolean;
  listing(): ToolListing;
  /** The shape of what it gives, which the listing names in part; `undefined` for a tool that answers with text. */
  readonly output: z.ZodObject | undefined;
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
  return {
    name: tool.name,
    writes: !tool.hints.readOnlyHint,
    listing: () => ({ ...labelsOf(tool), outputSchema: outputSchema(tool.output) }),
    output: tool.output,
    async call(kaizen, input) {
      // Arguments first: a mistake in them is worth hearing of also where no project is to be found.
      const args = parseArguments(tool.input, input ?? {});
      const project = await kaizen();
      const value = tool.output.parse(await project.network.asOneCall(() => tool.run(project, args, nullsIn(input))));
      const note = foreignNote(project);
      // Some clients show a model only the text, others only the structure: each holds everything. The JSON is a part
      // of its own, as the protocol advises, for callers that parse the text.
      const texts = [JSON.stringify(value), tool.sentence(value), ...(note === undefined ? [] : [note])];
      return { content: textParts(texts), structuredContent: value };
    },
  };
}

export function defineMarkdownTool<Input extends z.ZodObject>(tool: MarkdownToolDefinition<Input>): Tool {
  return {
    name: tool.name,
    writes: !tool.hints.readOnlyHint,
    listing: () => labelsOf(tool),
    output: undefined,
    async call(kaizen, input) {
      const args = parseArguments(tool.input, input ?? {});
      const project = await kaizen();
      const texts = await project.network.asOneCall(() => tool.run(project, args));
      const note = foreignNote(project);
      return { content: textParts(note === undefined ? texts : [...texts, note]) };
    },
  };
}

function nullsIn(input: unknown): string[] {
  return Object.entries(isJsonObject(input) ? input : {}).flatMap(([name, value]) => (value === null ? [name] : []));
}

function labelsOf<Input extends z.ZodObject>({ name, title, description, found, input, hints }: ToolLabels<Input>) {
  const _meta = found === "always" ? { "anthropic/alwaysLoad": true } : { "anthropic/searchHint": found.by };
  return { name, title, description, inputSchema: inputSchema(input), annotations: { ...hints }, _meta };
}

function textParts(texts: readonly string[]): CallToolResult["content"] {
  return texts.map((text) => ({ type: "text", text }));
}
