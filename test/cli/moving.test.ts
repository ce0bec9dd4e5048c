import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignText } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";

let root = "";

const typed = (...args: readonly string[]) => runCommandHere(args, { root });
const fileOf = (agent: string, name = "executions.jsonl") => join(root, ".kaizen/metrics", agent, name);

async function answer(...args: readonly string[]) {
  const { status, stderr, stdout } = await typed(...args, "--json");
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

beforeEach(() => {
  root = temporaryFolder();
});

test("a renamed agent has everything under the new name, and every digit of its lines", async () => {
  const line = (agent: string) =>
    `{"cost": 1.10,  "agent":"${agent}", "success": true, "timestamp": "2099-01-01T00:00:00Z"}\n`;
  writeForeignText(root, "test_writer", line("test_writer") + line("someone"));
  const { id } = await answer("record", "test_writer", "--success", "--idempotency-key", "k");
  await answer("verify", "test_writer", id, "--failure", "--by", "ci");
  const asked = await answer("agents", "rename", "test_writer", "test-writer", "--dry-run");
  expect([asked, existsSync(fileOf("test-writer"))]).toMatchObject([{ runs: 3, dry_run: true }, false]);
  const { stdout } = await typed("agents", "rename", "test_writer", "test-writer");
  expect(stdout).toBe('Moved 3 runs and 0 recommendations of "test_writer" to "test-writer".\n');
  expect(existsSync(fileOf("test_writer"))).toBe(false);
  const log = readFileSync(fileOf("test-writer"), "utf8");
  expect(log).toContain(line("test-writer") + line("someone"));
  expect(log).not.toContain("test_writer");
  const { agents } = await answer("agents");
  expect(agents).toMatchObject([{ agent: "test-writer", execution_count: 3 }]);
  expect((await answer("summary", "test-writer")).stats.verified.runs).toBe(1);
  expect((await typed("doctor")).status).toBe(0);
});

test("merging and removing want a person's word, and leave nothing behind", async () => {
  await answer("record", "a", "--success", "--timestamp", "2026-11-20T10:00:00Z");
  await answer("record", "b", "--failure", "--timestamp", "2026-11-21T10:00:00Z");
  await answer("record", "a", "--success", "--timestamp", "2026-11-22T10:00:00Z");
  for (const words of [
    ["merge", "b", "a"],
    ["remove", "b"],
  ]) {
    const { status, stderr } = await typed("agents", ...words);
    expect([status, stderr]).toEqual([2, expect.stringContaining("cannot be undone. --yes agrees")]);
  }
  await answer("agents", "merge", "b", "a", "--yes");
  const { executions } = await answer("executions", "a");
  expect(executions.map((run: { success: boolean }) => run.success)).toEqual([true, false, true]);
  expect((await typed("doctor")).status).toBe(0);
  expect(await answer("agents", "remove", "a", "--yes")).toMatchObject({ runs: 3, agent: "a" });
  expect((await answer("agents")).agents).toEqual([]);
  expect(existsSync(join(root, ".kaizen/metrics/a"))).toBe(false);
});

test.each([
  [["rename", "a", "b"], 2, 'There is an agent "b" already.'],
  [["rename", "a", "optimizer"], 2, "reserved"],
  [["rename", "c", "d"], 1, '"c"'],
  [["merge", "a", "c", "--yes"], 1, '"c"'],
  [["merge", "a", "a", "--yes"], 2, "not merged with itself"],
  [["remove"], 2, "needs the name of an agent"],
  [["renam", "a", "c"], 2, "did you mean rename?"],
  [["--yes"], 2, "go with rename"],
])("agents %j ends with %i and says why", async (args, status, why) => {
  await typed("record", "a", "--success");
  await typed("record", "b", "--success");
  const ran = await typed("agents", ...args);
  expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(why)]);
  expect((await answer("agents")).agents).toHaveLength(2);
});
