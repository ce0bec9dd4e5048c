import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { logPath, writeForeignLines } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";

/** What an examination says is wrong: the thing itself, and not a sentence for all that it might be. */

const run = { success: true, timestamp: "2026-11-22T09:00:00Z" };

async function setUp() {
  const root = fastTemporaryFolder();
  const { now } = clockAt();
  const makeRun = runMaker(clockAt());
  const { runs: executions } = openJsonl(root, { now });
  for (let runs = 0; runs < 3; runs += 1)
    await appendRun(executions, REVIEWER, makeRun({ notes: "n".repeat(200_000) }));
  const findings = async (file: string) =>
    (await openJsonl(root, { now }).files.examine(() => {})).findings.filter((finding) => finding.file.endsWith(file));
  const reasons = async (file: string) => (await findings(file)).map(({ reason }) => reason);
  return { root, folder: dirname(logPath(root, REVIEWER)), executions, makeRun, findings, reasons };
}

test("runs that name another agent are worth knowing", async () => {
  const { root, findings } = await setUp();
  writeForeignLines(root, REVIEWER, [{ ...run, agent: "other\u001b" }]);
  expect(await findings("executions.jsonl")).toMatchObject([
    { kind: "remark", reason: '1 of its runs names another agent, "other\\u001b"; it counts here' },
  ]);
  writeForeignLines(root, REVIEWER, [{ ...run, agent: "third" }, run]);
  expect(await findings("executions.jsonl")).toMatchObject([
    { kind: "remark", reason: '2 of its runs name other agents, such as "other\\u001b"; they count here' },
  ]);
});

test("blanks behind the last newline of a log are nothing", async () => {
  const { folder, findings } = await setUp();
  appendFileSync(join(folder, "executions.jsonl"), "  ");
  expect(await findings("executions.jsonl")).toEqual([]);
});

test("so is a name that nobody can give", async () => {
  const { root, findings } = await setUp();
  writeForeignLines(root, "bad name!", [run]);
  const [found] = await findings("bad name!");
  expect(found).toMatchObject({ kind: "remark", lost: false });
  expect(found?.reason).toMatch(/^no run can be recorded under its name \(.*only\); the runs that are there count$/);
  expect(found?.advice).toContain("--agent NAME");
});

test.each<[string, (summary: JsonObject) => JsonObject]>([
  ["it counts 1 run, and the log has 3 that have not expired", (summary) => ({ ...summary, execution_count: 1 })],
  ["its success_rate is 0.25, and by the log it is 1", (summary) => ({ ...summary, success_rate: 0.25 })],
  ["it has no agent", ({ agent: _, ...summary }) => summary],
  ["its trend.success_rate is 5, and by the log it is", (summary) => ({ ...summary, trend: { success_rate: 5 } })],
  ['it has "unknown", which belongs in no summary', (summary) => ({ ...summary, unknown: null })],
  [`its agent is "${"x".repeat(59)}…, and by the log it is`, (summary) => ({ ...summary, agent: "x".repeat(99) })],
])("of a summary that is wrong the first difference is told: %s", async (reason, change) => {
  const { folder, reasons } = await setUp();
  const path = join(folder, "summary.json");
  const summary: JsonObject = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify(change(summary)));
  expect(await reasons("summary.json")).toEqual([expect.stringContaining(reason)]);
});

test.each([
  ["it contradicts itself, so it is not believed", '"runs":3', '"runs":2'],
  ["it counts 1 line as damaged, and the log has 0", '"damagedLines":0', '"damagedLines":1'],
  ["it counts 1 run as successful, and the log has 3", '"successes":3', '"successes":1'],
  ["the last runs that it knows are not those of the log", '"success":true', '"success":false'],
])("of an index that is wrong, too: %s", async (reason, was, is) => {
  const { folder, executions, reasons } = await setUp();
  await executions.close();
  const path = join(folder, ".index", "checkpoint.json");
  const [, body = ""] = readFileSync(path, "utf8").split("\n");
  expect(body).toContain(was);
  writeFileSync(path, sealed(body.replaceAll(was, is)));
  expect(await reasons("checkpoint.json")).toEqual([reason]);
});

/** A file as the store writes it: the checksum of what follows, in hexadecimal digits, on a line of its own. */
function sealed(body: string): string {
  return `${crc32(body).toString(16).padStart(8, "0")}\n${body}\n`;
}

test.each([
  ["link", "it is a link"],
  ["folder", "it is a folder where a file belongs"],
  ["fifo", "it is a FIFO"],
])("what stands in the place of a file is called what it is: a %s", async (what, reason) => {
  const { folder, reasons } = await setUp();
  const path = join(folder, "verifications.jsonl");
  if (what === "link") symlinkSync("summary.json", path);
  else if (what === "folder") mkdirSync(path);
  else execFileSync("mkfifo", [path]);
  expect(await reasons("verifications.jsonl")).toEqual([reason]);
});

test("and so is a file in the place of a folder", async () => {
  const { folder, reasons } = await setUp();
  rmSync(join(folder, ".index"), { recursive: true });
  writeFileSync(join(folder, ".index"), "");
  expect(await reasons(".index")).toEqual(["it is a file where a folder belongs"]);
});
