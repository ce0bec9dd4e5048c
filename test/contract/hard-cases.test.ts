import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeLine } from "../../src/adr004/run-line.ts";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { describeThisProcess, isAlive } from "../../src/storage/jsonl/lock/owner.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { appendRun, namesOf, scanRuns } from "../support/single-calls.ts";

const NOW = Date.UTC(2026, 10, 22, 10);
const agent = agentNameSchema.parse("reviewer");

function setUp(lines: string) {
  const root = fastTemporaryFolder();
  const folder = join(root, ".kaizen", "metrics", "reviewer");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "executions.jsonl"), lines);
  const { runs: executions } = createJsonlStore({
    projectRoot: root,
    retentionDays: 180,
    now: () => NOW,
    onNotice: () => {},
  });
  return { root, folder, executions };
}

const line = (fields: object) =>
  JSON.stringify({ agent: "reviewer", success: true, timestamp: "2026-11-20T00:00:00Z", ...fields });
const run = (fields: object) => {
  const reported = { agent: "reviewer", success: true, timestamp: "2026-11-20T00:00:00Z", ...fields };
  return { record: reported, reported };
};

describe("a last line without its newline", () => {
  it("has used its key: the same report is a repetition, another one is refused", async () => {
    const { executions } = setUp(line({ idempotency_key: "k" }));
    expect(await appendRun(executions, agent, run({ idempotency_key: "k" }))).toMatchObject({ duplicate: true });
    await expect(appendRun(executions, agent, run({ idempotency_key: "k", success: false }))).rejects.toMatchObject({
      code: "KEY_CONFLICT",
    });
    expect((await executions.overview(agent)).view.tally.runs).toBe(1);
  });
});

describe("one agent's trouble", () => {
  it("with its log hides no other agent", async () => {
    const { root, executions } = setUp(`${line({})}\n`);
    mkdirSync(join(root, ".kaizen", "metrics", "bad", "executions.jsonl"), { recursive: true });
    expect(await namesOf(executions)).toEqual(["reviewer"]);
    await expect(executions.overview(agentNameSchema.parse("bad"))).rejects.toMatchObject({ code: "UNSAFE_PATH" });
  });

  it.skipIf(process.platform !== "linux")("with a name in another case keeps neither from recording", async () => {
    const { root, executions } = setUp(`${line({})}\n`);
    mkdirSync(join(root, ".kaizen", "metrics", "Reviewer"));
    expect(await appendRun(executions, agent, run({}))).toMatchObject({ duplicate: false });
    expect(await appendRun(executions, agentNameSchema.parse("Reviewer"), run({}))).toMatchObject({ duplicate: false });
  });
});

describe("a checkpoint of the wrong form under a right checksum", () => {
  it.each(["null", '{"version":1}', '{"version":1,"segments":[],"history":{"days":1}}'])(
    "is not believed: %s",
    async (body) => {
      const { folder, executions } = setUp(`${line({})}\n`);
      mkdirSync(join(folder, ".index"));
      const checksum = crc32(body).toString(16).padStart(8, "0");
      writeFileSync(join(folder, ".index", "checkpoint.json"), `${checksum}\n${body}\n`);
      expect((await executions.overview(agent)).view.tally.runs).toBe(1);
    },
  );
});

describe("a line that is hard to read", () => {
  it("torn within a string of quotes is given up at once", () => {
    const torn = `{"agent": "a", "notes": "${'\\"'.repeat(500_000)}`;
    expect(decodeLine(Buffer.from(torn))).toMatchObject({ executions: [], damage: { lost: true } });
  });

  it("has its NaN read as nothing, and the NaN in its strings as text", () => {
    const [execution] = decodeLine(
      Buffer.from('{"success": true, "quality_score": NaN, "n": -Infinity, "notes": "NaN \\" Infinity"}'),
    ).executions;
    expect(execution?.record).toEqual({ success: true, quality_score: null, n: null, notes: 'NaN " Infinity' });
  });

  it("larger than four megabytes is set aside", () => {
    const large = line({ notes: "x".repeat(5_000_000) });
    expect(decodeLine(Buffer.from(large))).toMatchObject({ executions: [], damage: { lost: true } });
  });
});

describe("a record that is nested deeper than any stack", () => {
  const depth = 100_000;
  const deepArray = "[".repeat(depth) + "]".repeat(depth);
  const deepObject = `${'{"a": '.repeat(depth)}1${"}".repeat(depth)}`;
  const record = (more: string) => `{"success": true, "timestamp": "2026-11-22T09:00:00Z", ${more}}`;
  const content = [
    record(`"idempotency_key": "one", "x": ${deepArray}`),
    record(`"idempotency_key": "two", "n": NaN, "x": ${deepObject}`),
    record(`"x": ${deepArray}`) + record(`"error": ${deepObject}`),
    `{"success": ${deepArray}}`,
  ].join("\n");

  it("counts, is given page by page and as it stands, and is repeated by no other", async () => {
    const { executions } = setUp(`${content}\n`);
    const { view, unreadable } = await executions.overview(agent);
    expect([view.tally.runs, unreadable]).toEqual([4, 1]);
    expect((await executions.page(agent, { filter: {}, limit: 10 })).executions).toHaveLength(4);
    expect((await executions.overview(agent, { success: true })).view.tally.runs).toBe(4);
    const texts: string[] = [];
    texts.push(...(await scanRuns(executions, agent)).map(({ text }) => text));
    expect(texts.map((text) => text.length)).toEqual([
      content.split("\n")[0]?.length,
      (content.split("\n")[1]?.length ?? 0) + "null".length - "NaN".length,
      record(`"x": ${deepArray}`).length,
      record(`"error": ${deepObject}`).length,
    ]);
    for (const idempotency_key of ["one", "two"]) {
      const error = await appendRun(executions, agent, run({ idempotency_key, x: [[]] })).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: "KEY_CONFLICT" });
    }
    expect(await executions.repair(agent)).toEqual({ quarantined: 1, mended: 1 });
    expect((await executions.overview(agent)).view.tally.runs).toBe(4);
  });

  // Looking from every bracket to the end would take hours.
  it("is soon given up, however it is torn", () => {
    for (const torn of [deepObject.slice(0, -1), deepArray.slice(0, -1), deepObject.repeat(4), "{".repeat(2_000_000)]) {
      expect(decodeLine(Buffer.from(torn))).toMatchObject({ executions: [], damage: { lost: true } });
    }
  });
});

it.skipIf(process.platform === "win32")("a rewrite keeps who may read and write the log", async () => {
  const { folder, executions } = setUp(`${line({ timestamp: "2026-01-01T00:00:00Z" })}\n${line({})}\n`);
  chmodSync(join(folder, "executions.jsonl"), 0o660);
  expect(await executions.prune(agent)).toEqual({ removed: 1, kept: 1 });
  expect(statSync(join(folder, "executions.jsonl")).mode & 0o777).toBe(0o660);
});

it("closing waits for every call under way", async () => {
  const { executions } = setUp("");
  let answered = 0;
  const calls = Array.from({ length: 1200 }, () => appendRun(executions, agent, run({})).then(() => (answered += 1)));
  await executions.close();
  expect(answered).toBe(1200);
  await Promise.all(calls);
});

it("another machine of the same name is believed to live until its lease has run out", () => {
  const self = describeThisProcess("self");
  const other = { ...describeThisProcess("other"), pid: 999_999_999, bootId: "another-boot" };
  expect(isAlive(other, () => 0, self)).toBe(true);
  expect(isAlive(other, () => 60_000, self)).toBe(false);
});
