import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { anthropic } from "./anthropic.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";
import { answerTo, type Script, type Seen } from "./script.ts";
import { sendJson } from "./wire.ts";

const wires = [anthropic, openaiChat, openaiResponses, gemini];

export interface ScriptedModel extends AsyncDisposable {
  readonly url: string;
  /** Every request that had tools, in order: what a model gets to see. */
  readonly requests: readonly Seen[];
  /** The paths that were asked for, with what failed: what was last seen of a client that does not end. */
  readonly log: readonly string[];
}

/** A server on loopback that says what its scripts say, in the protocol in which it is asked. */
export async function scriptedModel(scripts: readonly Script[]): Promise<ScriptedModel> {
  const requests: Seen[] = [];
  const log: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.push(`${request.url}: ${error}`);
      sendJson(response, { error: { type: "invalid_request_error", message: String(error) } }, 400);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString();
    const path = request.url ?? "";
    log.push(`${request.method} ${path}`);
    const wire = request.method === "POST" ? wires.find(({ asks }) => asks.test(path)) : undefined;
    if (wire === undefined) {
      sendJson(response, { input_tokens: 10, totalTokens: 10 }, /count_?tokens/i.test(path) ? 200 : 404);
      return;
    }
    const { answer: send, seen } = wire.read(JSON.parse(body), path);
    if (seen.tools.size > 0) requests.push(seen);
    const said = await answerTo(seen, scripts);
    if ("refusal" in said) {
      log.push("  refuses");
      sendJson(response, { type: "error", error: { type: "invalid_request_error", message: said.refusal } }, 400);
      return;
    }
    log.push(`  ${"tool" in said ? `calls ${said.tool}` : "says done"}`);
    send(response, said);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    log,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
