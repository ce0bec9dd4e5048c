import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type Bridge, type Change, type Message, startOnLoopback } from "./bridge.ts";

const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

interface Said extends Message {
  readonly params?: { readonly _meta?: Record<string, unknown> };
  readonly result?: { readonly _meta?: Record<string, unknown> };
  readonly error?: { readonly code: number };
}

interface Asker {
  /** The id that the suite gave; the process gets another, since the suite's clients share it and choose alike. */
  readonly id: Message["id"];
  readonly response: ServerResponse;
  readonly isStream: boolean;
}

/** What the transport of this era makes of an error; others are answers like any. */
const statuses = new Map([
  [-32_601, 404],
  [-32_602, 400],
  [-32_022, 400],
]);

/**
 * Puts a stdio server behind streamable HTTP of the modern era on loopback: one process for all, an answer for each request,
 * and a stream for each `subscriptions/listen`. A client that leaves has cancelled.
 */
export async function startStatelessBridge(command: string, args: readonly string[], change: Change): Promise<Bridge> {
  const server = spawn(command, [...args], { stdio: ["pipe", "pipe", "ignore"] });
  const askers = new Map<string, Asker>();
  let asked = 0;
  const send = (message: Message) => void server.stdin.write(`${JSON.stringify(message)}\n`);

  createInterface({ input: server.stdout }).on("line", (line) => {
    const said: Said = JSON.parse(line);
    const key = said.id ?? said.params?._meta?.[SUBSCRIPTION_ID];
    const asker = askers.get(String(key));
    if (asker === undefined) return;
    const { id, isStream, response } = asker;
    const shown = JSON.stringify(withId(said, id));
    if (isStream && said.error === undefined) response.write(`event: message\ndata: ${shown}\n\n`);
    if (said.method !== undefined) return;
    askers.delete(String(key));
    if (response.headersSent) response.end();
    else
      response.writeHead(statuses.get(said.error?.code ?? 0) ?? 200, { "content-type": "application/json" }).end(shown);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") {
      response.writeHead(405).end();
      return;
    }
    const message: Message = JSON.parse(await text(request));
    if (message.id === undefined) {
      response.writeHead(202).end();
      send(message);
      return;
    }
    asked += 1;
    const key = `asked-${asked}`;
    const isStream = message.method === "subscriptions/listen";
    if (isStream) response.setHeader("content-type", "text/event-stream");
    askers.set(key, { id: message.id, response, isStream });
    response.on("close", () => {
      if (askers.delete(key)) send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: key } });
    });
    send({ ...change(message), id: key });
  }

  return startOnLoopback(answer, () => server.stdin.end());
}

/** The message with the id that its reader knows. */
function withId(said: Said, id: Message["id"]): object {
  const tagged = (meta: Record<string, unknown>) =>
    Object.hasOwn(meta, SUBSCRIPTION_ID) ? { ...meta, [SUBSCRIPTION_ID]: id } : meta;
  const { params, result } = said;
  return {
    ...said,
    ...(said.method === undefined ? { id } : {}),
    ...(params?._meta === undefined ? {} : { params: { ...params, _meta: tagged(params._meta) } }),
    ...(result?._meta === undefined ? {} : { result: { ...result, _meta: tagged(result._meta) } }),
  };
}
