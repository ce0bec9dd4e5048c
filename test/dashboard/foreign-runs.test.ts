import { utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { readReport } from "../../src/dashboard/report.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import { SHOWN_AGENTS } from "../../src/domain/dashboard/view-model.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { logPath, writeForeignLines } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const hoursAgo = (hours: number) => formatInstant(NOW - hours * 3_600_000);

function dashboardOf(root: string) {
  const options = { now: () => NOW, randomHex: () => "", retentionDays: 180 };
  return sourceOf(new Kaizen({ ...options, store: openJsonl(root, options) }), "shop");
}

test("each run of another program opens, whatever its id, and is in a file with records", async () => {
  const root = fastTemporaryFolder();
  writeForeignLines(root, "packer", [
    { id: "build-17", success: false, timestamp: hoursAgo(4), notes: "first" },
    { id: 42, idempotency_key: "k", success: true, timestamp: hoursAgo(3), notes: "second" },
    { success: true, timestamp: hoursAgo(2) },
    { timestamp: hoursAgo(2), success: true },
    { id: "run_00000000000000000001", success: true, timestamp: hoursAgo(1), notes: "ours" },
  ]);
  const source = dashboardOf(root);
  const { runs } = await source.runs({ agent: "packer" }, new AbortController().signal);
  expect(new Set(runs.map(({ id }) => id)).size).toBe(5);
  const opened: unknown[] = [];
  for (const row of runs) {
    const { record, run } = await source.run("packer", row.id);
    expect(run).toEqual(row);
    opened.push(JSON.parse(record).notes);
  }
  expect(opened).toEqual(["ours", undefined, undefined, "second", "first"]);
  await expect(source.run("packer", "content_0123456789abcdef")).rejects.toMatchObject({ code: "NOT_FOUND" });
  const report = await readReport(source, { withRecords: true });
  expect(report.runs?.packer?.map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
});

test("of more agents than are shown, those are that were at work last, whenever their files were written", async () => {
  const root = fastTemporaryFolder();
  for (let place = 0; place <= SHOWN_AGENTS; place += 1) {
    const agent = `agent-${place}`;
    writeForeignLines(root, agent, [{ success: true, timestamp: hoursAgo(place + 1) }]);
    const written = new Date(NOW + place * 60_000);
    utimesSync(logPath(root, agent), written, written);
  }
  const { agents, headline } = await dashboardOf(root).overview();
  expect(headline).toMatch(/^Of the 100 agents at work last, /);
  expect(agents.map(({ name }) => name)).toContain("agent-0");
  expect(agents.map(({ name }) => name)).not.toContain(`agent-${SHOWN_AGENTS}`);
});
