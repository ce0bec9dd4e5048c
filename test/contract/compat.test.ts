import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { Kaizen } from "../../src/kaizen/kaizen.ts";
import { createJsonlStore, type JsonlStore } from "../../src/storage/jsonl/store.ts";
import { appendRun } from "../support/single-calls.ts";

/** What the reference implementation of ADR-004 does with chosen inputs: files in, files out, byte for byte. */
const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8")) as T;

interface SummaryVector {
  name: string;
  executions_jsonl: string;
  summary_json: string;
  performance_summary_md: string;
}

interface LineVector {
  name: string;
  agent: string;
  record: JsonObject;
  idempotency_key: string | null;
  line: string;
}

interface OptimizerVectors {
  analysis: { report: JsonObject; file: string };
  recommendations: {
    agent: string;
    recommendations: JsonObject[];
    metrics_count: number;
    timestamp: string;
    line: string;
  };
}

const NOW = Date.UTC(2026, 10, 22, 10);
const reviewer = agentNameSchema.parse("reviewer");

let root: string;
let store: JsonlStore;
let kaizen: Kaizen;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "kaizen-compat-")));
  store = createJsonlStore({ projectRoot: root, retentionDays: 180, now: () => NOW, onNotice: () => {} });
  kaizen = new Kaizen({ store, now: () => NOW, randomHex: () => "0".repeat(20), retentionDays: 180 });
});

afterEach(async () => {
  await store.runs.close();
  rmSync(root, { recursive: true });
});

const fileOf = (...names: string[]) => join(root, ".kaizen", "metrics", ...names);

describe("the files of the reference implementation", () => {
  it.each(fixture<SummaryVector[]>("summary-vectors.json"))(
    "give the same summary and markdown: $name",
    async (vector) => {
      mkdirSync(fileOf("reviewer"), { recursive: true });
      writeFileSync(fileOf("reviewer", "executions.jsonl"), vector.executions_jsonl);

      await store.runs.prune(reviewer);
      const markdown = await kaizen.performanceSummary("reviewer");

      expect(readFileSync(fileOf("reviewer", "summary.json"), "utf8")).toBe(vector.summary_json);
      expect(markdown).toBe(asOurs(vector));
      expect(readFileSync(fileOf("reviewer", "executions.jsonl"), "utf8")).toBe(vector.executions_jsonl);
    },
  );

  it.each(fixture<LineVector[]>("line-vectors.json"))("have the same lines: $name", async (vector) => {
    const key = vector.idempotency_key === null ? {} : { idempotency_key: vector.idempotency_key };
    const reported = { ...vector.record, ...key };
    const agent = agentNameSchema.parse(vector.agent);

    await appendRun(store.runs, agent, { record: { agent, ...reported }, reported });

    expect(readFileSync(fileOf(agent, "executions.jsonl"), "utf8")).toBe(vector.line);
  });

  it("have the same analysis and recommendations", async () => {
    const { analysis, recommendations } = fixture<OptimizerVectors>("optimizer-vectors.json");
    const { line, ...entry } = recommendations;

    await store.advice.writeAnalysis(analysis.report);
    await store.advice.merge({ entries: [entry], events: [] });

    expect(readFileSync(fileOf("optimizer", "analysis.json"), "utf8")).toBe(analysis.file);
    expect(readFileSync(fileOf("optimizer", "recommendations.jsonl"), "utf8")).toBe(line);
  });
});

/** The one line of the markdown that differs on purpose: "0.00" for a quality that nobody reported reads as a verdict. */
function asOurs(vector: SummaryVector): string {
  const isReported = vector.executions_jsonl.split("\n").some((line) => /"quality_score": ?[\d.]/.test(line));
  if (isReported) return vector.performance_summary_md;
  return vector.performance_summary_md.replace("Avg quality: 0.00 (? unknown)", "Avg quality: n/a (not reported)");
}
