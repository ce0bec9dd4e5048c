import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import type { App } from "../../src/mcp/app/app.ts";
import { serve } from "../../src/mcp/serve.ts";
import { createServer } from "../../src/mcp/server.ts";
import { memoryKaizen } from "./linked-client.ts";

export interface Line {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: {
    readonly uri?: string;
    readonly _meta?: Record<string, unknown>;
    readonly notifications?: object;
  };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
}

export interface LineClientOptions {
  readonly openKaizen?: () => Promise<Kaizen>;
  readonly pollIntervalMs?: number;
  readonly app?: App;
}

/** Never within a test: what would wait for it hangs, and is seen. */
const NEVER_MS = 3_600_000;

/** The server on its own transport, spoken to in lines as a process is; the streams and the process are stand-ins. */
export function lineClient({ app, openKaizen, pollIntervalMs = NEVER_MS }: LineClientOptions = {}) {
  const kaizen = memoryKaizen();
  const logged: string[] = [];
  const log = createLog((text) => logged.push(text));
  const input = new PassThrough();
  const output = new PassThrough();
  const heard: Line[] = [];
  /** As they came. */
  const lines: string[] = [];
  let waiting: Array<() => boolean> = [];
  let partial = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const whole = (partial + text).split("\n");
    partial = whole.pop() ?? "";
    lines.push(...whole);
    heard.push(...whole.map((line): Line => JSON.parse(line)));
    waiting = waiting.filter((attempt) => !attempt());
  });
  const served = createServer({
    version: "0.0.0-test",
    log,
    pollIntervalMs,
    app,
    openKaizen: openKaizen ?? (async () => kaizen),
  });
  const closeStore = async () => {};
  const status = serve({
    ...served,
    log,
    input,
    output,
    closeStore,
    process: new EventEmitter(),
    drainLimitMs: NEVER_MS,
  });
  const send = (message: object) => void input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  /** The first line that is meant, now or later. */
  const hears = (isMeant: (line: Line) => boolean) =>
    new Promise<Line>((resolve) => {
      const attempt = () => {
        const found = heard.find(isMeant);
        if (found !== undefined) resolve(found);
        return found !== undefined;
      };
      if (!attempt()) waiting.push(attempt);
    });
  let lastId = 0;
  const ask = (method: string, params?: object) => {
    lastId += 1;
    const id = lastId;
    send({ id, method, ...(params === undefined ? {} : { params }) });
    return hears((line) => line.id === id && line.method === undefined);
  };
  return {
    kaizen,
    logged,
    heard,
    lines,
    send,
    hears,
    ask,
    initialize: (capabilities: object = {}) =>
      ask("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "test", version: "1" } }),
    /** Closes the server's input, and gives its exit status. */
    end() {
      input.end();
      return status;
    },
  };
}

/** How a modern request introduces its client. */
export function introduction(capabilities: unknown = {}, revision: unknown = "2026-07-28") {
  return {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": capabilities,
  };
}
