import * as z from "zod";
import { newId, sendEvents, sendJson, type Wire } from "./wire.ts";

const block = z.looseObject({ type: z.string(), text: z.string().optional() });
const requestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
});

/** Anthropic's Messages API. */
export const anthropic: Wire = {
  asks: /\/v1\/messages(?:\?|$)/,
  read(body) {
    const { messages, model, stream, system, tools } = requestSchema.parse(body);
    const spoken = messages.findIndex(({ role }) => role === "assistant");
    const before = messages.slice(0, spoken === -1 ? messages.length : spoken).filter(({ role }) => role === "user");
    return {
      seen: {
        prompt: before
          .flatMap(({ content }) => (typeof content === "string" ? [content] : content.map(({ text }) => text ?? "")))
          .join("\n"),
        turns: messages.filter(({ role }) => role === "assistant").length,
        told: JSON.stringify([system, messages]),
        tools: new Map(tools.map((tool) => [tool.name, JSON.stringify(tool)])),
      },
      answer(response, answer) {
        const isCall = "tool" in answer;
        const content = isCall
          ? { type: "tool_use", id: newId("toolu"), name: answer.tool, input: answer.input }
          : { type: "text", text: answer.text };
        const delta = isCall
          ? { type: "input_json_delta", partial_json: JSON.stringify(answer.input) }
          : { type: "text_delta", text: answer.text };
        const usage = {
          input_tokens: 100,
          output_tokens: 10,
          cache_read_input_tokens: 1_000,
          cache_creation_input_tokens: 50,
        };
        const ended = { stop_reason: isCall ? "tool_use" : "end_turn", stop_sequence: null };
        const message = { id: newId("msg"), type: "message", role: "assistant", model, usage };
        if (stream !== true) return sendJson(response, { ...message, ...ended, content: [content] });
        const empty = isCall ? { ...content, input: {} } : { ...content, text: "" };
        return sendEvents(response, [
          { type: "message_start", message: { ...message, content: [], stop_reason: null, stop_sequence: null } },
          { type: "content_block_start", index: 0, content_block: empty },
          { type: "content_block_delta", index: 0, delta },
          { type: "content_block_stop", index: 0 },
          { type: "message_delta", delta: ended, usage: { output_tokens: 10 } },
          { type: "message_stop" },
        ]);
      },
    };
  },
};
