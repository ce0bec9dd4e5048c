import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { nodeFileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { saveSealed } from "../../src/storage/jsonl/projection/sealed-file.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { idOf } from "../support/histories.ts";
import { fastTemporaryFolder } from "../support/places.ts";

// What version 0.1.0 left on disk, in the bytes that it wrote.

const NOW = Date.parse("2026-11-22T10:00:00Z");
const REC = `rec_${"c".repeat(20)}`;
const timeOf = (ordinal: number) => formatInstant(NOW - 2 * DAY_MS + ordinal * 60_000);

/** Runs that succeed and 20 of other work that fail, and advice that was adopted between them without `outcomes`. */
function writtenEarlier(good: number): string {
  const root = fastTemporaryFolder();
  const file = (name: string, lines: readonly string[]) => {
    const path = join(root, ".kaizen/metrics", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  };
  const run = (ordinal: number) =>
    `{"agent": "reviewer", "id": "${idOf(ordinal)}", "success": ${ordinal <= good}, ` +
    `"task": "${ordinal <= good ? "review" : "migrate"}", "timestamp": "${timeOf(ordinal)}"}`;
  file(
    "reviewer/executions.jsonl",
    Array.from({ length: good + 20 }, (_, index) => run(index + 1)),
  );
  file("optimizer/recommendations.jsonl", [
    `{"agent": "reviewer", "metrics_count": ${good}, "recommendations": [{"id": "${REC}", "title": "Be bold"}], "timestamp": "${timeOf(good)}"}`,
  ]);
  const moment = `"execution_count": ${good}, "id": "${REC}", "timestamp": "${timeOf(good)}"`;
  file("optimizer/recommendation-events.jsonl", [
    `{"after_execution": "${idOf(good)}", "change": "proposed", ${moment}}`,
    `{"after_execution": "${idOf(good)}", "before": {"left_out": 0, "runs": 40, "successes": 40}, "change": "adopted", ${moment}}`,
  ]);
  return root;
}

function openIn(root: string): Kaizen {
  const options = { now: () => NOW, retentionDays: 180 };
  const store = createJsonlStore({ projectRoot: root, ...options, onNotice: () => {} });
  return new Kaizen({ store, randomHex: () => "0".repeat(20), ...options });
}

test("records and an adoption of version 0.1.0 are read as before", async () => {
  const kaizen = openIn(writtenEarlier(40));
  const { stats, summary } = await kaizen.summary("reviewer");
  expect(summary).toMatchObject({ execution_count: 60, last_execution: timeOf(60) });
  expect(stats.success).toMatchObject({ verdict: "declining", before: { runs: 40 }, since: { runs: 20 } });
  const [adopted] = await kaizen.recommendations("reviewer");
  expect(adopted).toMatchObject({
    status: "adopted",
    adopted: { before: { runs: 40, successes: 40, left_out: 0 } },
    sinceThen: { verdict: "worse_since", before: { runs: 40, successes: 40 }, after: { runs: 20, successes: 0 } },
  });
  await kaizen.close();
});

test("a snapshot of version 0.1.0 is made again from the log", async () => {
  // A shorter history is read again each time, and has no snapshot.
  const root = writtenEarlier(1_480);
  const first = openIn(root);
  await first.record({ agent: "reviewer", success: false, task: "migrate" });
  const { stats } = await first.summary("reviewer");
  expect(stats.success.evidence).toContain("the kinds of work differ");
  await first.close();

  // As it was written then: it knew no kinds of work. What else it says would show if it were believed.
  const path = join(root, ".kaizen/metrics/reviewer/.index/checkpoint.json");
  const saved = JSON.parse(readFileSync(path, "utf8").split("\n")[1] ?? "");
  for (const run of saved.history.recent) delete run.task;
  saved.version = 3;
  saved.damagedLines = 7;
  saveSealed(nodeFileSystem, path, saved);

  const again = openIn(root);
  expect((await again.summary("reviewer")).stats).toEqual(stats);
  await again.close();
});
