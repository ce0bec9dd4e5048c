import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_CONFIG_BYTES } from "../../src/cli/clients/files/config-file.ts";
import { readConfiguration } from "../../src/cli/clients/files/configuration.ts";
import { temporaryFolder } from "../support/places.ts";
import { contextIn, HookProject } from "./hook-project.ts";

/** What a clone can bring to keep a hook busy: each of these takes seconds where it is read whole, and a few kB in git. */

const AGENT = "code-reviewer";

test("a configuration is read up to a size that people do not reach, and no further", () => {
  const path = join(temporaryFolder(), "settings.json");
  const ofSize = (bytes: number) => {
    const empty = JSON.stringify({ note: "" });
    return JSON.stringify({ note: "x".repeat(bytes - empty.length) });
  };
  writeFileSync(path, ofSize(MAX_CONFIG_BYTES));
  expect(Object.keys(readConfiguration(path))).toEqual(["note"]);
  writeFileSync(path, ofSize(MAX_CONFIG_BYTES + 1));
  expect(readConfiguration(path)).toEqual({});
});

test("a hook looks past files of gigabytes, and gives what it knows", async () => {
  const project = new HookProject({ hasProcesses: true });
  await project.kaizen.record({ agent: AGENT, success: true });
  const metrics = join(project.root, ".kaizen", "metrics");
  const huge = [
    join(metrics, AGENT, ".index", "checkpoint.json"),
    join(metrics, AGENT, ".index", "lifecycle.json"),
    join(metrics, "optimizer", "recommendations.jsonl"),
    join(metrics, "optimizer", "recommendation-events.jsonl"),
    join(metrics, "optimizer", "analysis.json"),
    join(metrics, AGENT, "summary.json"),
    join(metrics, AGENT, "executions.quarantine"),
    join(metrics, AGENT, "executions.jsonl.drain-0-0-0123abcd"),
    join(project.root, ".claude", "settings.json"),
    join(project.root, ".codex", "config.toml"),
  ];
  for (const path of huge) {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "", { flag: "a" });
    truncateSync(path, 3 * 2 ** 30);
  }
  const session = await project.hook("session-start", project.payload("session-start"));
  expect(contextIn(session, "SessionStart")).toContain("1 agent, 1 run");
  expect(await project.start()).toContain("1 of 1 run succeeded");
  await project.stop();
});

test("of advice that is longer than anybody reads a hook takes the end", async () => {
  const project = new HookProject({ hasProcesses: true });
  await project.kaizen.record({ agent: AGENT, success: true });
  const optimizer = join(project.root, ".kaizen", "metrics", "optimizer");
  mkdirSync(optimizer);
  const entry = (title: string) =>
    `${JSON.stringify({ timestamp: "2026-11-20T00:00:00Z", agent: AGENT, metrics_count: 1, recommendations: [{ title }] })}\n`;
  writeFileSync(
    join(optimizer, "recommendations.jsonl"),
    entry("old ".repeat(20)).repeat(20_000) + entry("the last one"),
  );
  const session = await project.hook("session-start", project.payload("session-start"));
  const [, more = ""] = /^- ([\d,]+) more open$/m.exec(contextIn(session, "SessionStart")) ?? [];
  expect(contextIn(session, "SessionStart")).toContain("the last one");
  expect(Number(more)).toBeGreaterThan(1_000);
  expect(Number(more)).toBeLessThan(10_000);
  // Whoever asks for advice has time.
  expect(await project.kaizen.recommendations()).toHaveLength(20_001);
});
