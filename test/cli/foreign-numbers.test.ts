import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { otlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryFolder } from "../support/places.ts";

// Numbers as other programs write them: more digits than a double holds, sizes beyond one, and Python's NaN.

const TIME = new Date(Date.now() - 60_000).toISOString();
const NUMBERS = `"f": 1.0, "n": 12345678901234567890, "of": [{"deep": -1e400}], "x": 1e400`;

async function json(args: readonly string[], root: string) {
  const { stdout } = await runCommandHere([...args, "--json"], { root });
  return JSON.parse(stdout);
}

test.each([
  ["names no agent", "", `{"agent": "imp", "success": true, "timestamp": "${TIME}", ${NUMBERS}}\n`],
  ["names another", `"agent" : "é" ,`, `{"agent" : "imp" ,"success": true, "timestamp": "${TIME}", ${NUMBERS}}\n`],
])("a run that %s is imported under a name with the digits of its writer, once", async (_, agent, line) => {
  const root = temporaryFolder();
  const stdin = `{${agent}"success": true, "timestamp": "${TIME}", ${NUMBERS}}\n`;
  for (const added of [1, 0, 0]) {
    const { stdout } = await runCommandHere(["import", "-", "--agent", "imp", "--json"], { root, stdin });
    expect(JSON.parse(stdout).runs).toMatchObject({ added, already_there: 1 - added, refused: 0 });
  }
  expect(readFileSync(logPath(root, "imp"), "utf8")).toBe(line);
  expect(await json(["summary", "imp"], root)).toMatchObject({ execution_count: 1 });
});

test("every way out gives JSON that says what the number was, and a table its digits", async () => {
  const root = temporaryFolder();
  const measures = `"quality_score": 1e400, "execution_time_s": -1e400, "cost_usd": 1.50, "model": "m"`;
  writeForeignText(root, "planner", `{"success": true, "timestamp": "${TIME}", ${measures}, ${NUMBERS}}\n`);

  const { executions } = await json(["executions", "planner"], root);
  expect(executions).toEqual([
    expect.objectContaining({ x: "1e400", quality_score: "1e400", of: [{ deep: "-1e400" }], f: 1 }),
  ]);
  const summary = await json(["summary", "planner"], root);
  expect(summary).toMatchObject({ execution_count: 1, avg_quality_score: 0, avg_execution_time_s: 0 });

  const lines = (await runCommandHere(["export", "planner"], { root })).stdout;
  expect(lines).toBe(`{"agent": "planner", "success": true, "timestamp": "${TIME}", ${measures}, ${NUMBERS}}\n`);
  const table = (await runCommandHere(["export", "planner", "--format", "csv"], { root })).stdout;
  const [titles = "", row = ""] = table.replace("\ufeff", "").split("\r\n");
  const cells = row.replace(/"(?:[^"]|"")*"/g, "JSON").split(",");
  const cell = (title: string) => cells[titles.split(",").indexOf(title)];
  expect(["quality_score", "execution_time_s", "cost_usd", "f", "n", "x"].map(cell)).toEqual([
    "1e400",
    "-1e400",
    "1.50",
    "1.0",
    "12345678901234567890",
    "1e400",
  ]);
});

test("no span has a number that is null: one beyond a double stays away, or is its digits among the texts", async () => {
  const root = temporaryFolder();
  writeForeignText(root, "planner", `{"success": true, "timestamp": "${TIME}", "quality_score": 1e400, ${NUMBERS}}\n`);
  const receiver = await otlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const to = ["export", "planner", "--format", "otlp"];
  for (const more of [[], ["--include-text"]]) {
    expect(await runCommandHere([...to, ...more], { root, env })).toMatchObject({ status: 0 });
  }
  const [without, withText] = receiver.requests.map(({ body }) => body.resourceSpans[0]?.scopeSpans[0]?.spans[0]);
  expect(JSON.stringify([without, withText])).not.toContain("null");
  expect(without?.attributes.map(({ key }) => key)).not.toContain("kaizen.x");
  expect(without?.events).toEqual([]);
  expect(withText?.attributes).toContainEqual({ key: "kaizen.x", value: { stringValue: "1e400" } });
});

/** A store whose every file beside the logs has a number that is not JSON, or one beyond a double. */
function storeOf(number: string, root = temporaryFolder()) {
  const metrics = join(root, ".kaizen", "metrics");
  const put = (name: string, text: string) => {
    mkdirSync(join(metrics, name, ".."), { recursive: true });
    writeFileSync(join(metrics, name), text);
  };
  writeForeignText(root, "rev", `{"id": "${idOf(1)}", "success": true, "timestamp": "${TIME}"}\n`);
  const advice = `{"confidence": ${number}, "of": [{"n": ${number}}], "title": "Run the NaN tests first", "w": 1.0}`;
  put(
    "optimizer/analysis.json",
    `{\n  "finding": "NaN",\n  "mean_quality": [${number}],\n  "n": 12345678901234567890\n}\n`,
  );
  put(
    "optimizer/recommendations.jsonl",
    `{"agent": "rev", "metrics_count": ${number}, "recommendations": [${advice}], "timestamp": "${TIME}", "x": ${number}}\n`,
  );
  put(
    "optimizer/recommendation-events.jsonl",
    `{"after_execution": null, "change": "proposed", "execution_count": 1, "id": "rec_1", "timestamp": "${TIME}", "x": ${number}}\n`,
  );
  put(
    "rev/verifications.jsonl",
    `{"agent": "rev", "claimed": true, "executed_at": "${TIME}", "execution_id": "${idOf(1)}", "success": false, "timestamp": "${TIME}", "verified_by": "ci", "x": ${number}}\n`,
  );
  put(
    "rev/lifecycle.jsonl",
    `{"agent": "rev", "duration_s": ${number}, "event": "ended", "first_seen": "${TIME}", "key": "k", "timestamp": "${TIME}"}\n`,
  );
  const files = () => {
    const names = ["optimizer", "rev"].flatMap((folder) =>
      readdirSync(join(metrics, folder)).map((name) => `${folder}/${name}`),
    );
    return Object.fromEntries(
      names
        .filter((name) => /\.(jsonl|json|quarantine)$/.test(name) && !name.endsWith("summary.json"))
        .map((name) => [name, readFileSync(join(metrics, name), "utf8")]),
    );
  };
  return { root, files };
}

test.each(["NaN", "Infinity", "-Infinity"])(
  "%s beside the logs is null, and its line stays where it stands",
  async (number) => {
    const { files, root } = storeOf(number);
    expect(await json(["recommendations"], root)).toMatchObject({
      total: 1,
      recommendations: [{ title: "Run the NaN tests first" }],
    });
    expect((await runCommandHere(["brief", "rev"], { root })).stdout).toContain("Run the NaN tests first");
    expect(await json(["analysis"], root)).toMatchObject({ finding: "NaN", mean_quality: [null] });
    expect(await json(["summary", "rev"], root)).toMatchObject({ stats: { verified: { runs: 1 } } });
    const before = files();
    const { findings } = await json(["doctor"], root);
    const told = findings.filter(({ reason }: { reason: string }) => reason.startsWith("NaN and Infinity"));
    expect(told).toHaveLength(5);
    expect(findings.filter(({ kind }: { kind: string }) => kind === "damage")).toEqual([]);
    await runCommandHere(["doctor", "--repair"], { root });
    expect(files()).toEqual(before);
  },
);

test.each(["NaN", "1e400"])(
  "a folder with %s is imported as it stands but for what is not JSON, once",
  async (number) => {
    const { files, root: there } = storeOf(number);
    const here = temporaryFolder();
    const first = await json(["import", there], here);
    expect(first).toMatchObject({
      runs: { added: 1 },
      verifications: { added: 1 },
      recommendations: { added: 1 },
      recommendation_changes: { added: 1 },
      analysis: "added",
      damaged_lines: 0,
    });
    expect(await json(["import", there], here)).toMatchObject({
      runs: { added: 0 },
      verifications: { added: 0, already_there: 1 },
      recommendations: { added: 0, already_there: 1 },
      recommendation_changes: { added: 0, already_there: 1 },
      analysis: "already_there",
    });
    for (const [name, text] of Object.entries(files()).filter(([name]) => name.startsWith("optimizer/"))) {
      const expected = number === "NaN" ? text.replaceAll(/([ [])NaN([\],}\n])/g, "$1null$2") : text;
      expect(readFileSync(join(here, ".kaizen", "metrics", name), "utf8")).toBe(expected);
    }
    expect(existsSync(join(here, ".kaizen", "metrics", "rev", "verifications.jsonl"))).toBe(true);
  },
);
