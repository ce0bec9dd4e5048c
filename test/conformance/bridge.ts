import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

export interface Message {
  readonly jsonrpc?: "2.0";
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: object;
}

export type Change = (message: Message) => Message;

export interface Bridge {
  readonly url: string;
  close(): void;
}

/** Answers on loopback; `onClose` is for what stands behind. */
export async function startOnLoopback(
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onClose: () => void,
): Promise<Bridge> {
  const http = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await once(http, "listening");
  const address = http.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/mcp`,
    close() {
      onClose();
      http.close().closeAllConnections();
    },
  };
}

/**
 * Puts a stdio server behind streamable HTTP of the legacy era on loopback, with no more of that transport than the suite needs: a process
 * for each session, one JSON answer for each request, and one stream for what the server says unasked.
 */
export async function startBridge(command: string, args: readonly string[], change: Change): Promise<Bridge> {
  const sessions = new Map<string, (message: Message | undefined, response: ServerResponse) => void>();
  const processes = new Set<ReturnType<typeof spawn>>();

  function startSession(session: string): void {
    const server = spawn(command, [...args], { stdio: ["pipe", "pipe", "ignore"] });
    const asked = new Map<Message["id"], ServerResponse>();
    const unasked: string[] = [];
    let stream: ServerResponse | undefined;
    createInterface({ input: server.stdout }).on("line", (line) => {
      const message: Message = JSON.parse(line);
      const asker = message.method === undefined ? asked.get(message.id) : undefined;
      if (asker) asker.writeHead(200, { "content-type": "application/json", "mcp-session-id": session }).end(line);
      else if (stream) stream.write(`data: ${line}\n\n`);
      else unasked.push(line);
    });
    processes.add(server);
    sessions.set(session, (message, response) => {
      if (message === undefined) {
        stream = response.writeHead(200, { "content-type": "text/event-stream" });
        stream.write(unasked.map((line) => `data: ${line}\n\n`).join(""));
        return;
      }
      if (message.method !== undefined && message.id !== undefined) asked.set(message.id, response);
      else response.writeHead(202).end();
      server.stdin.write(`${JSON.stringify(change(message))}\n`);
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const message: Message | undefined = request.method === "POST" ? JSON.parse(body) : undefined;
    const session = request.headers["mcp-session-id"]?.toString() ?? randomUUID();
    if (message?.method === "initialize") startSession(session);
    const receive = sessions.get(session);
    if (receive === undefined || request.method === "DELETE") response.writeHead(receive ? 200 : 404).end();
    else receive(message, response);
  }

  return startOnLoopback(answer, () => {
    for (const server of processes) server.stdin?.end();
  });
}
