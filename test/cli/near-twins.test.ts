import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { linkedClient, textOf } from "../support/linked-client.ts";
import { temporaryFolder } from "../support/places.ts";

test("on the command line a new agent with a near twin is asked about, and --new-agent insists", async () => {
  const root = temporaryFolder();
  const record = (...args: readonly string[]) => runCommandHere(["record", ...args, "--success"], { root });
  expect((await record("test-writer")).status).toBe(0);
  const { status, stderr, stdout } = await record("test_writer");
  expect([status, stdout]).toEqual([2, ""]);
  const [asked, usage] = stderr.split("\n");
  expect(asked).toBe(
    'kaizen-metrics: agent "test_writer" is new, and nearly "test-writer"; did you mean "test-writer"? If it is another agent, add --new-agent.',
  );
  expect(usage).toMatch(/^Usage: kaizen-metrics record /);
  expect((await record("test_writer", "--new-agent")).status).toBe(0);
  // Both are there: neither is asked about any more.
  for (const agent of ["test_writer", "test-writer", "test-writer-2", "test-writer-3"]) {
    expect([agent, (await record(agent)).status]).toEqual([agent, 0]);
  }
});

test("over MCP the same report sent again insists, and another one is asked about anew", async () => {
  const { call, kaizen } = await linkedClient();
  await call("record_execution", { agent: "test-writer", success: true });
  const asked = await call("record_execution", { agent: "test_writer", success: true, task: "a" });
  expect([asked.isError, textOf(asked)]).toEqual([
    true,
    'INVALID_ARGUMENT: agent "test_writer" is new, and nearly "test-writer"; did you mean "test-writer"? If it is another agent, send the same call again.',
  ]);
  expect((await call("record_execution", { agent: "test_writer", success: true, task: "b" })).isError).toBe(true);
  expect(await kaizen.agentNames()).toEqual(["test-writer"]);
  const again = await call("record_execution", { agent: "test_writer", success: true, task: "a" });
  expect(again.structuredContent).toMatchObject({ agent: "test_writer", recorded: true });
  expect((await call("record_execution", { agent: "test_writer", success: true, task: "b" })).isError).not.toBe(true);
});
