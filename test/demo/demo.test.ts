import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { startSession } from "./session.ts";
import { playDays } from "./story.ts";

test("the demo plays to its end: a decline, advice that is adopted, and a brief that says how runs went since", async () => {
  const projectRoot = temporaryFolder();
  const session = await startSession(bundle, projectRoot);
  const said: string[] = [];
  await playDays({ session, projectRoot, now: Date.now(), say: (text) => said.push(text) });
  const linesOf = (...path: string[]) =>
    readFileSync(join(projectRoot, ".kaizen", "metrics", ...path), "utf8").split("\n").length - 1;
  const tried = linesOf("code-reviewer", "executions.jsonl") - 40;
  expect(linesOf("code-reviewer", "lifecycle.jsonl")).toBe(2 * tried);
  expect(linesOf("test-writer", "executions.jsonl")).toBe(40);
  expect(linesOf("test-writer", "verifications.jsonl")).toBe(6);
  expect(linesOf("optimizer", "recommendations.jsonl")).toBe(2);
  expect(linesOf("optimizer", "recommendation-events.jsonl")).toBe(5);
  const text = said.join("\n");
  // What the story leaves out stands in the full brief: the same figures with their evidence.
  const later = await startSession(bundle, projectRoot);
  const full = await later.text("get_brief", { agent: "test-writer", detail: "full" });
  await later.close();
  expect(text).toContain("code-reviewer  ....x...x. | ..........");
  expect(text).toContain("test-writer    ...x...... | xx.xx.xxxx");
  expect(text).toMatch(/declining since about \S+: 1 of 10, before that 9 of 10 \(P 0\.57\)/);
  expect(text).toMatch(
    /# `test-writer`: 10 of 20 runs succeeded \(50\.0%; 3 checked, the rest as reported\)\nDeclining since \S+: 1 of 10, 9 of 10 before\./,
  );
  // Each once by the program, and once counted from the files.
  expect(text).toContain("P = 1.31 / (1 + 1.31) = 0.57.");
  expect(text).toContain(
    "too early: 0 of 0 after, 10 of 16 before (the 4 failures that triggered the advice are not counted); 10 more runs",
  );
  expect(full).toContain("6 of 40 runs verified: 83.3% succeeded, 100.0% claimed to (gap 16.7 points)");
  expect(text).toContain("Adopted, in force, better since (20 of 20 since; 10 of 16 before)");
  expect(full).toMatch(/; improving since about \S+: 20 of 20, before that 10 of 20 \(P 0\.91\)/);
  expect(full).toContain(
    "better since then: 20 of 20 after, 10 of 16 before (the 4 failures that triggered the advice are not counted; " +
      "Bayes factor 25); whatever else changed on that day is in it",
  );
  expect(text).toContain("  ...x......xx!xx. | xxxx | ....................\n");
  expect(text).toContain("before: 10 of 16 succeeded");
  expect(text).toContain("after the adoption: 20 of 20 succeeded");
  const [, e, factor] =
    /helped: \d+ of \d+ shown, \d+ of \d+ not shown \(share 0\.5, E (\d+), Bayes factor (\d+)\)/.exec(text) ?? [];
  const byHand = /E = (\d+)[\s\S]*?Bayes factor: .* = (\d+)\./.exec(
    text.slice(text.indexOf("By hand, from the files alone")),
  );
  expect(byHand?.slice(1)).toEqual([e, factor]);
  expect(text).toContain("37 * C(36, 30) / (17 * C(16, 10) * 21 * C(20, 20)) = 25.2");
});
