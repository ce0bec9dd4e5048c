import { EventEmitter } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createLog } from "../../src/log.ts";
import { serve } from "../../src/mcp/serve.ts";
import { createServer } from "../../src/mcp/server.ts";

/** The shell around a server whose project takes for ever to open; the process and its streams are stand-ins. */
function startShell(options: { closeStore?: () => Promise<void>; output?: Writable } = {}) {
  const logged: string[] = [];
  const log = createLog((text) => logged.push(text));
  const process = new EventEmitter();
  const input = new PassThrough();
  const output = options.output ?? new PassThrough().resume();
  const { server, endStreams } = createServer({ version: "0", log, openKaizen: () => new Promise<Kaizen>(() => {}) });
  const closeStore = options.closeStore ?? (async () => {});
  const status = serve({ server, endStreams, log, process, input, output, closeStore, drainLimitMs: 20 });
  return { process, input, status, said: () => logged.join("") };
}

test("a call that never ends is not waited for beyond the limit", async () => {
  const shell = startShell();
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "list_agents" } };
  shell.input.end(`${JSON.stringify(call)}\n`);
  expect(await shell.status).toBe(0);
  expect(shell.said()).toContain("gave up waiting for what was in flight after 0.02 s");
});

test("the store is closed once, however many reasons there are to close", async () => {
  let closed = 0;
  const shell = startShell({
    closeStore: async () => {
      closed += 1;
    },
  });
  shell.input.end();
  shell.input.emit("error", new Error("gone"));
  shell.process.emit("uncaughtException", new Error("late"));
  await shell.status;
  expect(closed).toBe(1);
});

test("an error that nobody caught ends the server with 1, after the store was closed", async () => {
  let closed = false;
  const shell = startShell({
    closeStore: async () => {
      closed = true;
      throw new Error("and that fails, too");
    },
  });
  shell.process.emit("uncaughtException", new Error("boom"));
  expect(await shell.status).toBe(1);
  expect(closed).toBe(true);
  expect(shell.said()).toMatch(/the store could not be closed\nError: and that fails, too\n/);
  expect(shell.said()).toMatch(/an error that was not caught\nError: boom\n/);
});

test("a rejection that nobody handled is told, and the server goes on", async () => {
  const shell = startShell();
  shell.process.emit("unhandledRejection", new Error("lost"));
  expect(shell.said()).toMatch(/a rejection that was not handled\nError: lost\n/);
  expect(await Promise.race([shell.status, Promise.resolve("goes on")])).toBe("goes on");
  shell.input.end();
  expect(await shell.status).toBe(0);
});

test.for([
  ["EPIPE", 0],
  ["EIO", 1],
] as const)("an output that fails with %s ends the server with %i", async ([code, status]) => {
  const output = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })),
  });
  const shell = startShell({ output });
  shell.input.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  expect(await shell.status).toBe(status);
});

test("an input that fails ends the server with 1", async () => {
  const shell = startShell();
  shell.input.destroy(new Error("EIO: i/o error, read"));
  expect(await shell.status).toBe(1);
  expect(shell.said()).toContain("closing: reading the input failed: EIO: i/o error, read");
});
