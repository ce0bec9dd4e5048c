import * as z from "zod";
import type { Answer } from "./script.ts";
import { newId, sendEvents, type Wire } from "./wire.ts";

const item = z.looseObject({
  type: z.string().default("message"),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
});
const tool = z.looseObject({ type: z.string(), name: z.string().optional() });
const requestSchema = z.object({
  instructions: z.unknown().optional(),
  input: z.array(item),
  tools: z.array(tool.extend({ tools: z.array(tool).optional(), description: z.string().optional() })).default([]),
});

type Item = z.infer<typeof item>;

/** OpenAI's Responses API. A tool in a namespace is called `namespace/name` here. */
export const openaiResponses: Wire = {
  asks: /\/responses(?:\?|$)/,
  read(body) {
    const { input, instructions, tools } = requestSchema.parse(body);
    const spoken = input.findIndex(isOfModel);
    const before = input.slice(0, spoken === -1 ? input.length : spoken).filter(({ role }) => role === "user");
    return {
      seen: {
        prompt: before.map(textOf).join("\n"),
        turns: input.filter(isOfModel).length,
        // A namespace has words of its own, which the model reads as it reads the rest.
        told: JSON.stringify([instructions, tools.map(({ description }) => description), input]),
        tools: new Map(
          tools.flatMap((one) =>
            (one.tools ?? [one]).map((each) => {
              const name = each.name ?? each.type;
              return [one.tools === undefined ? name : `${one.name}/${name}`, JSON.stringify(each)] as const;
            }),
          ),
        ),
      },
      answer(response, answer) {
        const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };
        const id = newId("resp");
        sendEvents(response, [
          { type: "response.created", response: { id } },
          { type: "response.output_item.done", output_index: 0, item: itemOf(answer) },
          { type: "response.completed", response: { id, usage } },
        ]);
      },
    };
  },
};

function isOfModel({ role, type }: Item): boolean {
  return type === "message" ? role === "assistant" : /(?:_call|reasoning)$/.test(type);
}

function textOf({ content }: Item): string {
  return Array.isArray(content) ? content.map(({ text }) => text ?? "").join("\n") : (content ?? "");
}

function itemOf(answer: Answer): object {
  if ("text" in answer) {
    const content = [{ type: "output_text", text: answer.text }];
    return { type: "message", role: "assistant", id: newId("msg"), content };
  }
  const [name, namespace] = answer.tool.split("/").reverse();
  const call = { type: "function_call", id: newId("fc"), call_id: newId("call"), name, namespace };
  return { ...call, arguments: JSON.stringify(answer.input) };
}
