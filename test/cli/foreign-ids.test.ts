import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { runCommandHere } from "../support/command-here.ts";
import { logPath, writeForeignLines, writeForeignText } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { linkedClient } from "../support/linked-client.ts";
import { temporaryFolder } from "../support/places.ts";

// A log as the reference implementation, or any other program, writes it: without an id of ours.

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString().replace("Z", "+00:00");
const runs = [
  { agent: "packer", id: "build-17", success: true, timestamp: minutesAgo(9), notes: "first" },
  { agent: "packer", error: null, quality_score: 0.5, success: true, timestamp: minutesAgo(8) },
  { agent: "packer", success: true, timestamp: minutesAgo(7), notes: "twin" },
  { agent: "packer", success: true, timestamp: minutesAgo(7), notes: "twin" },
];
const last = { agent: "packer", idempotency_key: "k", success: true, timestamp: minutesAgo(1) };

function setUp() {
  const root = temporaryFolder();
  writeForeignLines(root, "packer", runs);
  writeForeignText(root, "packer", JSON.stringify(last));
  const type = (...args: string[]) => runCommandHere(args, { root });
  const listed = async (): Promise<{ id: string; success: boolean; run: object }[]> =>
    JSON.parse((await type("runs", "--json")).stdout).runs;
  return { root, type, listed };
}

test("each run of another program is listed with what show, verify and void take", async () => {
  const { listed, root, type } = setUp();
  const before = readFileSync(logPath(root, "packer"), "utf8");
  const [keyed, twin, same, untitled, first] = await listed();
  const ids = [keyed, untitled, first].map((run) => run?.id ?? "");
  expect(new Set(ids).size).toBe(3);
  expect(same?.id).toBe(twin?.id);
  const table = await type("runs");
  for (const id of ids) {
    expect(table.stdout).toContain(id);
    expect((await type("show", id)).stdout).toContain(id);
    expect(await type("verify", id, "--failure", "--by", "tests")).toMatchObject({ status: 0 });
  }
  expect((await listed()).map(({ success }) => success)).toEqual([false, true, true, false, false]);
  // The line that had no end has one now, and no other byte is another one.
  expect(readFileSync(logPath(root, "packer"), "utf8")).toBe(`${before}\n`);
  for (const id of ids) {
    expect((await type("void", id, "--reason", "a typo")).stdout).toContain(`kaizen-metrics void ${id} --undo`);
    expect((await type("show", id)).stdout).toContain("Voided");
    expect(await type("void", id, "--undo")).toMatchObject({ status: 0 });
  }
  expect(readFileSync(logPath(root, "packer"), "utf8")).toBe(`${before}\n`);
  expect((await listed()).map(({ success }) => success)).toEqual([false, true, true, false, false]);
  for (const id of ids) expect(await type("verify", id, "--undo")).toMatchObject({ status: 0 });
  expect((await type("verify", "--last", "--success", "--by", "tests")).stdout).toContain(ids[0]);
});

test("runs that say the same are named as such, and none of them is decided", async () => {
  const { listed, root, type } = setUp();
  const twin = (await listed())[1]?.id ?? "";
  expect((await type("show", twin)).stdout).toContain("other runs say exactly the same");
  const refused = [
    await type("verify", "packer", twin, "--success", "--by", "tests"),
    await type("void", twin, "--reason", "x"),
  ];
  for (const { status, stderr } of refused) {
    expect(status).not.toBe(0);
    expect(stderr).toContain(`packer has more than one run ${twin}: they say exactly the same.`);
  }
  const [first] = runs;
  writeForeignLines(root, "other", [{ ...first, agent: "other" }]);
  const { id = "" } = (await listed()).at(-1) ?? {};
  expect((await type("show", id)).stderr).toMatch(/Several agents have a run .*: (other, packer|packer, other)\./);
  expect((await type("show", id, "--agent", "other")).stdout).toContain("other");
  expect((await type("void", id, "--reason", "x", "--agent", "other")).stdout).toContain('"other" has 0 runs.');
  expect((await type("void", id, "--undo")).stdout).toContain('"other" has 1 run.');
});

test("over MCP each has the id that verify_execution takes", async () => {
  const { root } = setUp();
  const options = { now: Date.now, randomHex: () => "", retentionDays: 180 };
  const openKaizen = async () => new Kaizen({ ...options, store: openJsonl(root, options) });
  const { value } = await linkedClient({ openKaizen });
  const { executions } = await value("read_executions", { agent: "packer", limit: 1 });
  const [{ execution_id }] = executions as [{ execution_id: string }];
  const word = { agent: "packer", execution_id, success: false, verified_by: "tests" };
  const verified = await value("verify_execution", word);
  expect(verified).toMatchObject({ execution_id, claimed: true, verified: false, verified_runs: 1 });
});
