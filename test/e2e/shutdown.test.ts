import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const record = { name: "record_execution", arguments: { agent: "tester", success: true } };

/** A server with a call in flight that can only end after we have said which folders are open. */
async function serverWithCallInFlight(): Promise<{ server: ServerProcess; finish: () => void; folder: string }> {
  const folder = temporaryFolder();
  const server = startServer({ cwd: "/" });
  await server.initialize({ roots: {} });
  const question = await server.reply((reply) => reply.method === "roots/list");
  server.send({ id: 99, method: "tools/call", params: record });
  server.send({ id: 100, method: "ping" });
  await server.reply((reply) => reply.id === 100);
  const finish = () => server.send({ id: question.id, result: { roots: [{ uri: `file://${folder}` }] } });
  return { server, finish, folder };
}

test("the end of input ends the server with 0, after every request has been answered", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  for (let id = 1_000; id < 1_050; id += 1) server.send({ id, method: "tools/call", params: record });
  server.child.stdin.end();
  expect(await server.exited).toBe(0);
  expect(server.replies().filter((reply) => Number(reply.id) >= 1_000 && reply.result?.isError !== true)).toHaveLength(
    50,
  );
  expect(server.stderr).toMatch(/closing: the client has closed our input\n$/);
});

test("a last line without its newline is still a message", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  server.child.stdin.end(JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping" }));
  expect(await server.exited).toBe(0);
  expect(server.replies().at(-1)).toMatchObject({ id: 7, result: {} });
});

test.for([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends the server with %i, after the call in flight has been answered", async ([signal, status]) => {
  const { server, finish } = await serverWithCallInFlight();
  server.child.kill(signal);
  await server.says(new RegExp(`closing: ${signal}`));
  finish();
  expect(await server.exited).toBe(status);
  expect(server.replies().at(-1)).toMatchObject({ id: 99, result: { structuredContent: { execution_count: 1 } } });
});

test("a second signal does not wait", async () => {
  const { server } = await serverWithCallInFlight();
  server.child.kill("SIGINT");
  await server.says(/closing: SIGINT/);
  server.child.kill("SIGTERM");
  expect(await server.exited).toBe(143);
  expect(server.replies().some((reply) => reply.id === 99)).toBe(false);
});

test("a cancelled request is not waited for", async () => {
  const { server, finish } = await serverWithCallInFlight();
  server.send({ method: "notifications/cancelled", params: { requestId: 99 } });
  finish();
  server.child.stdin.end();
  expect(await server.exited).toBe(0);
  expect(server.stderr).not.toContain("gave up waiting");
});

test("a closed output ends the server with 0", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  server.child.stdout.destroy();
  server.send({ id: 5, method: "ping" });
  expect(await server.exited).toBe(0);
  expect(server.stderr).toMatch(/closing: the client has closed our output/);
});

test("a line that is too long is a clear error, ends the server with 1, and loses nothing before it", async () => {
  const server = startServer({ args: ["--root", temporaryFolder()] });
  await server.initialize();
  server.send({ id: 5, method: "tools/call", params: record });
  server.write(`{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"x":"${"y".repeat(11 * 1024 * 1024)}`);
  expect(await server.exited).toBe(1);
  const refusal = server.replies().find((reply) => reply.id === null);
  expect(refusal?.error).toEqual({
    code: -32600,
    message: "Refused, and the connection ends: a line of input is longer than 10485760 bytes.",
  });
  expect(server.replies().find((reply) => reply.id === 5)?.result?.isError).toBeUndefined();
  expect(server.stderr).toMatch(/closing: a line of input is longer than 10485760 bytes/);
});
