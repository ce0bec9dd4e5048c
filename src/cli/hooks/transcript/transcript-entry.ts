import * as z from "zod";
import { readInstant } from "../../../domain/run/time.ts";
import { parseJson } from "../../../domain/text/json.ts";

const optional = <S extends z.ZodType>(schema: S) => schema.optional().catch(undefined);

const entrySchema = z.object({
  type: optional(z.string()),
  timestamp: optional(z.string()),
  agentId: optional(z.string()),
  attributionAgent: optional(z.string()),
  isApiErrorMessage: optional(z.boolean()),
  error: optional(z.string()),
  message: optional(z.object({ model: optional(z.string()), content: z.unknown().optional() })),
});

/** A line of a transcript, as far as anything is read from it. */
export interface Entry extends z.infer<typeof entrySchema> {
  /** What its message consists of; empty where that is a text. */
  readonly blocks: readonly Block[];
}

/** Every entry that can be read. The client may be at the last line while we look. */
export function entriesOf(text: string): Entry[] {
  return text.split("\n").flatMap((line) => {
    const { data } = entrySchema.safeParse(parseJson(line));
    return data === undefined ? [] : [{ ...data, blocks: blocksOf(data.message?.content) }];
  });
}

/** When an entry was written, in ms. */
export function instantOf({ timestamp }: Entry): number | undefined {
  return readInstant(timestamp);
}

const blocksSchema = z.array(
  z
    .object({
      type: z.string(),
      id: optional(z.string()),
      name: optional(z.string()),
      input: optional(z.object({ agent: optional(z.string()), idempotency_key: optional(z.string()) })),
      tool_use_id: optional(z.string()),
      is_error: optional(z.boolean()),
      text: optional(z.string()),
      content: z.unknown().optional(),
    })
    .catch({ type: "unknown" }),
);

type Block = z.infer<typeof blocksSchema>[number];

function blocksOf(content: unknown): readonly Block[] {
  if (!Array.isArray(content)) return [];
  return blocksSchema.safeParse(content).data ?? [];
}

export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return blocksOf(content)
    .map((block) => block.text ?? "")
    .join(" ");
}
