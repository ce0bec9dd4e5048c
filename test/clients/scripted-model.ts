import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";

/** What the model answers: a text, or a call of a tool. */
export type Answer = { readonly text: string } | { readonly tool: string; readonly input: object };

/** The answers of a conversation, one for each time that it is asked; after the last one it says "done". */
export interface Script {
  /** A word of the first prompt that tells this conversation from others; the longest that is found counts. */
  readonly prompt: string;
  readonly answers: readonly Answer[];
}

const requestSchema = z.object({
  model: z.string().optional(),
  stream: z.boolean().optional(),
  tools: z.array(z.unknown()).optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
});

type Request = z.infer<typeof requestSchema>;

export interface ScriptedModel extends AsyncDisposable {
  readonly url: string;
  /** Every request that had tools, as it came: what a model gets to see. */
  readonly requests: readonly Request[];
}

/** A server of Anthropic's Messages API on loopback that says what its scripts say. */
export async function scriptedModel(scripts: readonly Script[]): Promise<ScriptedModel> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString();
    if (!/^\/v1\/messages(\?|$)/.test(request.url ?? "")) {
      response.writeHead(request.url?.includes("count_tokens") ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify({ input_tokens: 10 }));
      return;
    }
    const asked = requestSchema.parse(JSON.parse(body));
    const hasTools = (asked.tools?.length ?? 0) > 0;
    if (hasTools) requests.push(asked);
    send(response, asked, hasTools ? nextAnswer(asked) : { text: "done" });
  }

  function nextAnswer({ messages }: Request): Answer {
    const first = JSON.stringify(messages.find(({ role }) => role === "user"));
    const meant = scripts
      .filter(({ prompt }) => first.includes(prompt))
      .sort((a, b) => b.prompt.length - a.prompt.length)[0];
    const turns = messages.filter(({ role }) => role === "assistant").length;
    return meant?.answers[turns] ?? { text: "done" };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

let made = 0;

function send(response: ServerResponse, { model, stream }: Request, answer: Answer): void {
  made += 1;
  const isTool = "tool" in answer;
  const block = isTool
    ? { type: "tool_use", id: `toolu_${made}`, name: answer.tool, input: answer.input }
    : { type: "text", text: answer.text };
  const stopReason = isTool ? "tool_use" : "end_turn";
  const message = {
    id: `msg_${made}`,
    type: "message",
    role: "assistant",
    model: model ?? "scripted",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 10, cache_read_input_tokens: 1_000, cache_creation_input_tokens: 50 },
  };
  if (stream !== true) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...message, content: [block], stop_reason: stopReason }));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const event = (type: string, rest: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  event("message_start", { message });
  event("content_block_start", {
    index: 0,
    content_block: isTool ? { ...block, input: {} } : { type: "text", text: "" },
  });
  event("content_block_delta", {
    index: 0,
    delta: isTool
      ? { type: "input_json_delta", partial_json: JSON.stringify(answer.input) }
      : { type: "text_delta", text: answer.text },
  });
  event("content_block_stop", { index: 0 });
  event("message_delta", { delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: 10 } });
  event("message_stop", {});
  response.end();
}
