import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verification } from "../../src/domain/verification/verification.ts";
import { openKaizen } from "../../src/open-kaizen.ts";
import { bundleProgram } from "../support/bundle.ts";
import { fastTemporaryFolder } from "../support/places.ts";

const VERIFIERS = ["human", "ci", "tests", "agent"];
const RUNS = 20;

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("./verification-program.ts", import.meta.url));
});
afterAll(() => program.remove());

test("four processes check the same runs and adopt the same advice: every verification counts, and one adoption", async () => {
  const root = fastTemporaryFolder();
  const open = () => openKaizen({ projectRoot: root, retentionDays: 180, onNotice: () => {} });
  const kaizen = open();
  const ids: string[] = [];
  for (let run = 0; run < RUNS; run += 1)
    ids.push((await kaizen.record({ agent: "reviewer", success: true })).id ?? "");
  const recommendations = [{ agent: "reviewer", title: "Run the tests" }];
  const [advice = ""] = (await kaizen.writeAnalysis({ report: {}, recommendations })).recommendation_ids;

  const processes = VERIFIERS.map((verifier) =>
    spawn(process.execPath, [program.path, root, verifier, advice, ...ids]),
  );
  await Promise.all(processes.map((child) => once(child.stdout, "data")));
  const ends = processes.map(said);
  for (const child of processes) child.stdin.write("go");
  expect(await Promise.all(ends)).toEqual(VERIFIERS.map(() => "adopted"));

  // By hand: every run is a success by the word of a person; the agent contradicts on 10 of the 20.
  for (const reader of [kaizen, open()]) {
    const { stats, contradictions } = await reader.summary("reviewer");
    expect(stats.success).toMatchObject({ runs: 5 * RUNS, successes: RUNS });
    expect(stats.verified).toMatchObject({ runs: RUNS, successes: RUNS, claimed_rate: 1 });
    expect(contradictions).toBe(RUNS / 2);
  }
  const lines = (name: string) =>
    readFileSync(join(root, ".kaizen", "metrics", name), "utf8")
      .trim()
      .split("\n");
  const events = lines("optimizer/recommendation-events.jsonl").map((line) => JSON.parse(line) as { change: string });
  expect(events.map(({ change }) => change)).toEqual(["proposed", "adopted"]);
  // Each line says what counted before it, whichever process had reported that.
  const verifications = lines("reviewer/verifications.jsonl").map((line) => JSON.parse(line) as Verification);
  expect(verifications).toHaveLength(VERIFIERS.length * RUNS);
  const counted = new Map<string, number>();
  for (const { execution_id, earlier } of verifications) {
    const before = counted.get(execution_id) ?? 0;
    expect(Object.keys(earlier ?? {})).toHaveLength(before);
    counted.set(execution_id, before + 1);
  }
});

async function said(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => {
    text += String(chunk);
  });
  await once(child, "close");
  return text.trim();
}
