import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool, readingHints } from "../../src/mcp/frame/define-tool.ts";
import { memoryKaizen } from "../support/linked-client.ts";

const labels = { name: "count", title: "Count", description: "Counts.", found: "always" as const, hints: readingHints };

test("what the output schema does not name is not sent, in the structure and in the text", async () => {
  const found = { count: 1, secret: "x" };
  const tool = defineTool({
    ...labels,
    input: z.strictObject({}),
    output: z.object({ count: z.int() }),
    run: async () => found,
    sentence: ({ count }) => `${count}.`,
  });
  expect(await tool.call(async () => memoryKaizen(), undefined)).toEqual({
    content: [
      { type: "text", text: '{"count":1}' },
      { type: "text", text: "1." },
    ],
    structuredContent: { count: 1 },
  });
});

test.for([z.union([z.string(), z.number()]), z.union([z.string(), z.object({})]), z.string().nullable()])(
  "a tool that takes a union is a mistake that shows before any client sees it",
  (which) => {
    const tool = defineTool({
      ...labels,
      input: z.strictObject({ which }),
      output: z.object({}),
      run: async () => ({}),
      sentence: () => "",
    });
    expect(() => tool.listing()).toThrow(/a tool takes what some clients do not understand/);
  },
);
