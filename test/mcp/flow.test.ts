import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { createLog } from "../../src/log.ts";
import { Subscriptions } from "../../src/mcp/requests/subscriptions.ts";
import { agentUri } from "../../src/mcp/shown/uris.ts";
import { MAX_UNDER_WAY, StdioTransport } from "../../src/mcp/stdio/stdio.ts";
import { memoryKaizen } from "../support/linked-client.ts";

/** A client that reads nothing until it is let: what is written stays with us. */
class Unread extends Writable {
  readonly written: string[] = [];
  #release: Array<() => void> = [];
  #isRead = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = () => {
      this.written.push(chunk.toString());
      done();
    };
    if (this.#isRead) take();
    else this.#release.push(take);
  }

  read(): void {
    this.#isRead = true;
    for (const take of this.#release.splice(0)) take();
  }

  answers(): Array<{ id: number; error?: unknown; method?: string }> {
    return this.written.map((line) => JSON.parse(line));
  }
}

/** A transport whose requests are answered at once with so many bytes. */
async function answering(bytes: number) {
  const input = new PassThrough();
  const output = new Unread();
  const transport = new StdioTransport({ input, output });
  const taken: JSONRPCMessage[] = [];
  transport.onmessage = (message) => {
    taken.push(message);
    if ("id" in message && message.id !== undefined && "method" in message) {
      void transport.send({ jsonrpc: "2.0", id: message.id, result: { text: "x".repeat(bytes) } });
    }
  };
  let pauses = 0;
  transport.onpause = () => {
    pauses += 1;
  };
  await transport.start();
  return { input, output, transport, taken, pauses: () => pauses };
}

function line(message: object): string {
  return `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`;
}

/** Writes lines until reading stops, or so many are written. */
async function writeUntilPaused(input: PassThrough, count: number, lineOf: (id: number) => string): Promise<number> {
  for (let id = 0; id < count; id += 1) {
    if (input.isPaused()) return id;
    if (!input.write(lineOf(id))) await Promise.race([once(input, "drain"), once(input, "pause")]);
  }
  return count;
}

test("a client that never reads is read no further: what it asked waits, and is answered in order once it reads", async () => {
  const { input, output, pauses, taken, transport } = await answering(50_000);
  const padding = "p".repeat(1_000);
  const sent = await writeUntilPaused(input, 100_000, (id) => line({ id, method: "tools/call", params: { padding } }));
  expect(sent).toBeLessThan(5_000);
  expect(pauses()).toBe(1);
  expect(taken.length).toBeLessThanOrEqual(MAX_UNDER_WAY);
  expect(output.writableLength).toBeLessThan(MAX_UNDER_WAY * 51_000);
  output.read();
  await transport.idle();
  input.end(line({ id: sent, method: "ping" }));
  await once(input, "end");
  await transport.idle();
  expect(output.answers().map(({ id }) => id)).toEqual(Array.from({ length: sent + 1 }, (_, id) => id));
});

test.for([
  ["requests that all have one id", () => line({ id: 1, method: "tools/list" })],
  ["lines that are no messages", () => `garbage ${"g".repeat(100)}\n`],
  ["pings", (id: number) => line({ id, method: "ping" })],
  [
    "requests that are cancelled",
    (id: number) =>
      line({ id, method: "tools/list" }) + line({ method: "notifications/cancelled", params: { requestId: id } }),
  ],
] as const)("%s, and never a look at the answers, fill no memory", async ([, lineOf]) => {
  const { input, output } = await answering(2_000);
  const sent = await writeUntilPaused(input, 200_000, lineOf);
  expect(sent).toBeLessThan(200_000);
  expect(output.writableLength).toBeLessThan(4 * 1024 * 1024);
});

test("with as many requests as are worked on at a time, answers to us, pings and cancellations still get through", async () => {
  const input = new PassThrough();
  const output = new PassThrough().resume();
  const transport = new StdioTransport({ input, output });
  const taken: unknown[] = [];
  transport.onmessage = (message) => {
    taken.push("method" in message ? [message.method, "id" in message ? message.id : undefined] : "an answer");
  };
  await transport.start();
  const requests = Array.from({ length: MAX_UNDER_WAY + 2 }, (_, id) => line({ id, method: "tools/call" }));
  const others = [
    line({ id: "alive", method: "ping" }),
    line({ id: 0, result: { roots: [] } }),
    line({ method: "notifications/cancelled", params: { requestId: 5 } }),
  ];
  input.end([...requests, ...others].join(""));
  await once(input, "end");
  expect(taken.slice(MAX_UNDER_WAY)).toEqual([["ping", "alive"], "an answer", ["notifications/cancelled", undefined]]);
  const ids = ["alive", ...Array.from({ length: MAX_UNDER_WAY + 2 }, (_, id) => id)];
  for (const id of ids) await transport.send({ jsonrpc: "2.0", id, result: {} });
  await transport.idle();
  expect(taken.slice(-2)).toEqual([
    ["tools/call", MAX_UNDER_WAY],
    ["tools/call", MAX_UNDER_WAY + 1],
  ]);
});

test("of many changes a client that does not read is told once, and once more of all that came since", async () => {
  const kaizen = memoryKaizen();
  const told: Array<() => void> = [];
  let next = () => {};
  const subscriptions = new Subscriptions({
    kaizen: async () => kaizen,
    log: createLog(() => {}),
    intervalMs: 2 ** 30,
    tellUpdated: () =>
      new Promise((resolve) => {
        told.push(resolve);
        next();
      }),
    tellListChanged: async () => {},
  });
  const isTold = () => new Promise<void>((resolve) => (next = resolve));
  await subscriptions.subscribe(agentUri("tester", "summary"));
  const first = isTold();
  for (let run = 0; run < 50; run += 1) {
    await kaizen.record({ agent: "tester", success: true });
    subscriptions.written();
  }
  await first;
  expect(told).toHaveLength(1);
  const second = isTold();
  told[0]?.();
  await second;
  expect(told).toHaveLength(2);
  subscriptions.close();
});
