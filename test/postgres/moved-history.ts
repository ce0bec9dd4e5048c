import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { idOf } from "../support/histories.ts";

const lines = (count: number, line: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify(line(index))}\n`).join("");

const at = (index: number) => new Date(Date.UTC(2026, 0, 5) + index * 1_000).toISOString().replace(".000", "");

/** Writes a history of every kind into a project's folder: of some kinds so much that it goes in several batches. */
export function writeHistory(root: string, runs = 1_100): void {
  const put = (agent: string, name: string, text: string) => {
    const folder = join(root, ".kaizen/metrics", agent);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const run = (index: number) => ({ agent: "coder", id: idOf(index), success: true, timestamp: at(index), n: index });
  put(
    "coder",
    "executions.jsonl",
    lines(runs, (index) => (index % 3 === 0 ? { success: true, n: index % 5 } : run(index))),
  );
  const check = (index: number) => ({
    agent: "coder",
    claimed: true,
    executed_at: at(3 * index + 1),
    execution_id: idOf(3 * index + 1),
    success: false,
    timestamp: at(9_000),
    verified_by: "tests",
  });
  put("coder", "verifications.jsonl", lines(Math.floor(runs / 4), check));
  const seen = (index: number) => ({
    agent: "coder",
    event: index % 2 ? "ended" : "started",
    first_seen: at(0),
    key: `k${index % 400}`,
    timestamp: at(index),
  });
  put("coder", "lifecycle.jsonl", lines(600, seen));
  put("seen", "lifecycle.jsonl", lines(3, seen));
  put(
    "coder",
    "evidence.jsonl",
    lines(20, (index) => ({
      agent: "coder",
      first_seen: at(0),
      key: `k${index % 7}`,
      timestamp: at(index),
      tools: index,
      v: 1,
    })),
  );
  const voided = (index: number) => ({
    agent: "coder",
    id: idOf(80_000 + index),
    line: JSON.stringify({ ...run(index), id: idOf(80_000 + index) }),
    place: 0,
    reason: "a typo",
    voided_at: at(9_000),
    voided_by: "human",
  });
  put("coder", "voided.jsonl", lines(3, voided));
  put(
    "writer",
    "executions.jsonl",
    lines(20, (index) => ({ ...run(index), agent: "writer" })),
  );
  put(
    "optimizer",
    "recommendations.jsonl",
    lines(2, (index) => ({
      agent: "coder",
      metrics_count: 1,
      recommendations: [{ id: `rec_${index}`, title: "t" }],
      timestamp: at(index),
    })),
  );
  put("optimizer", "analysis.json", '{\n  "weight": 1.50\n}');
}

/** Every file that cannot be made again, byte for byte. */
export function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const kept = names.filter((name) => /\.jsonl?$/.test(name) && !/summary\.json|\.index|\.locks/.test(name));
  return Object.fromEntries(
    kept.sort().flatMap((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      return text === "" ? [] : [[name, text]];
    }),
  );
}

export const forEver = { KAIZEN_RETENTION_DAYS: "0" };
