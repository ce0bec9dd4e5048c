import * as z from "zod";
import { sendEvents, sendJson, type Wire } from "./wire.ts";

const content = z.object({
  role: z.string().optional(),
  parts: z.array(z.looseObject({ text: z.string().optional() })),
});
const declaration = z.looseObject({ name: z.string() });
const requestSchema = z.object({
  systemInstruction: z.unknown().optional(),
  contents: z.array(content),
  tools: z.array(z.looseObject({ functionDeclarations: z.array(declaration).default([]) })).default([]),
});

/** Google's generateContent. */
export const gemini: Wire = {
  asks: /:(?:streamG|g)enerateContent(?:\?|$)/,
  read(body, path) {
    const { contents, systemInstruction, tools } = requestSchema.parse(body);
    const spoken = contents.findIndex(({ role }) => role === "model");
    const before = contents.slice(0, spoken === -1 ? contents.length : spoken);
    return {
      seen: {
        prompt: before.flatMap(({ parts }) => parts.map(({ text }) => text ?? "")).join("\n"),
        turns: contents.filter(({ role }) => role === "model").length,
        told: JSON.stringify([systemInstruction, contents]),
        tools: new Map(
          tools.flatMap(({ functionDeclarations }) =>
            functionDeclarations.map((one) => [one.name, JSON.stringify(one)] as const),
          ),
        ),
      },
      answer(response, answer) {
        const part =
          "tool" in answer ? { functionCall: { name: answer.tool, args: answer.input } } : { text: answer.text };
        const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 10, totalTokenCount: 110 };
        const candidate = { index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" };
        const whole = { candidates: [candidate], usageMetadata };
        if (path.includes(":stream")) sendEvents(response, [whole]);
        else sendJson(response, whole);
      },
    };
  },
};
