import * as z from "zod";
import { newId, sendEvents, sendJson, type Wire } from "./wire.ts";

const part = z.looseObject({ text: z.string().optional() });
const requestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part)]).nullish() })),
});

/** OpenAI's Chat Completions API. */
export const openaiChat: Wire = {
  asks: /\/chat\/completions(?:\?|$)/,
  read(body) {
    const { messages, model, stream, tools } = requestSchema.parse(body);
    const spoken = messages.findIndex(({ role }) => role === "assistant");
    const before = messages.slice(0, spoken === -1 ? messages.length : spoken).filter(({ role }) => role === "user");
    return {
      seen: {
        prompt: before
          .flatMap(({ content }) => (Array.isArray(content) ? content.map(({ text }) => text ?? "") : [content ?? ""]))
          .join("\n"),
        turns: messages.filter(({ role }) => role === "assistant").length,
        told: JSON.stringify(messages),
        tools: new Map(tools.map((tool) => [tool.function.name, JSON.stringify(tool)])),
      },
      answer(response, answer) {
        const isCall = "tool" in answer;
        const call = isCall
          ? {
              id: newId("call"),
              type: "function",
              function: { name: answer.tool, arguments: JSON.stringify(answer.input) },
            }
          : undefined;
        const message = isCall
          ? { role: "assistant", content: null, tool_calls: [{ index: 0, ...call }] }
          : { role: "assistant", content: answer.text };
        const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
        const head = { id: newId("chatcmpl"), created: 0, model };
        const end = { index: 0, finish_reason: isCall ? "tool_calls" : "stop" };
        if (stream !== true)
          return sendJson(response, { ...head, object: "chat.completion", choices: [{ ...end, message }], usage });
        const chunk = { ...head, object: "chat.completion.chunk" };
        return sendEvents(response, [
          { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] },
          { ...chunk, choices: [{ ...end, delta: {} }], usage },
          "[DONE]",
        ]);
      },
    };
  },
};
