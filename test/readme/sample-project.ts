import { readFileSync } from "node:fs";
import { join } from "node:path";
import { analysisSchema } from "../../src/domain/coaching/analysis.ts";
import { updateRecommendationSchema } from "../../src/domain/coaching/recommendation.ts";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { type ReportedExecution, reportedExecutionSchema } from "../../src/domain/run/report.ts";
import { parseArguments } from "../../src/domain/text/arguments.ts";
import { reportedVerificationSchema } from "../../src/domain/verification/verification.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { temporaryFolder } from "../support/places.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");
const MINUTE_MS = 60_000;

export interface SampleProject {
  readonly kaizen: Kaizen;
  readonly root: string;
  file(...path: string[]): string;
}

/** Eleven runs before the README's own; three of them fail. */
const earlier: readonly Omit<ReportedExecution, "agent">[] = [
  { success: true, quality_score: 0.8, execution_time_s: 11 },
  { success: true, quality_score: 0.9, execution_time_s: 14 },
  { success: false, execution_time_s: 40 },
  { success: true, quality_score: 0.75, execution_time_s: 12 },
  { success: false, execution_time_s: 38 },
  { success: true, quality_score: 0.85, execution_time_s: 13 },
  { success: true, quality_score: 0.8, execution_time_s: 10 },
  { success: false, execution_time_s: 41 },
  { success: true, quality_score: 0.9, execution_time_s: 12 },
  { success: true, execution_time_s: 15 },
  { success: true, quality_score: 0.85, execution_time_s: 11 },
];

/** The examples of the README: arguments of tools, as a reader finds them. */
export interface Examples {
  readonly run: unknown;
  readonly analysis: unknown;
  readonly verification: unknown;
  readonly change: unknown;
}

/** The project that the README's samples come from: its examples, after eleven runs, with a clock and ids that are set. */
export async function sampleProject({ run, analysis, verification, change }: Examples): Promise<SampleProject> {
  const root = temporaryFolder();
  let now = NOW - earlier.length * 10 * MINUTE_MS;
  let id = "";
  const store = createJsonlStore({ projectRoot: root, now: () => now, retentionDays: 180, onNotice: () => {} });
  const kaizen = new Kaizen({ store, now: () => now, randomHex: () => id, retentionDays: 180 });
  for (const [index, report] of earlier.entries()) {
    id = index.toString(16).padStart(20, "0");
    await kaizen.record({ agent: "code-reviewer", ...report });
    now += 10 * MINUTE_MS;
  }
  id = "5d1f0c83a92e47b6d015";
  await kaizen.record(parseArguments(reportedExecutionSchema, run));
  id = "e07b9a4416c8f23d5b90";
  await kaizen.writeAnalysis(parseArguments(analysisSchema, analysis));
  await kaizen.verify(parseArguments(reportedVerificationSchema, verification), { via: "mcp" });
  await kaizen.updateRecommendation(parseArguments(updateRecommendationSchema, change));
  const seen = { key: "a3f9c2d17be4" };
  await kaizen.observe(agentNameSchema.parse("code-reviewer"), { ...seen, event: "started" });
  await kaizen.observe(agentNameSchema.parse("code-reviewer"), {
    ...seen,
    event: "ended",
    duration_s: 42.5,
    reported: true,
  });
  await kaizen.evidence.note(agentNameSchema.parse("code-reviewer"), { ...seen, checkout: "0b6d1fe2a973" });
  await kaizen.evidence.note(agentNameSchema.parse("code-reviewer"), {
    ...seen,
    ...{ client: "claude-code", model: "claude-sonnet-4-5", seen: "no_edit", edits: 0, tools: 6, duration_s: 42.5 },
    ...{ tokens: { input: 24, output: 337, cache_read: 15_210, cache_write: 812 }, cost_usd: 0.0421 },
    ...{ ended: "2026-11-22T10:00:00Z", tree: "2c5a4e7d9b01f3868a5e0d24b7c91f6a3e8d5b70" },
  });
  return { kaizen, root, file: (...path) => readFileSync(join(root, ".kaizen", ...path), "utf8") };
}
