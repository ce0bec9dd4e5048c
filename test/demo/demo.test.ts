import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { startSession } from "./session.ts";
import { playDays } from "./story.ts";

test("the demo plays to its end: a decline, advice that is adopted, and a brief that says it helped", async () => {
  const projectRoot = temporaryFolder();
  const session = await startSession(bundle, projectRoot);
  const said: string[] = [];
  await playDays({ session, projectRoot, now: Date.now(), say: (text) => said.push(text) });
  const linesOf = (...path: string[]) =>
    readFileSync(join(projectRoot, ".kaizen", "metrics", ...path), "utf8").split("\n").length - 1;
  expect(linesOf("code-reviewer", "executions.jsonl")).toBe(34);
  expect(linesOf("test-writer", "executions.jsonl")).toBe(34);
  expect(linesOf("test-writer", "verifications.jsonl")).toBe(6);
  expect(linesOf("optimizer", "recommendations.jsonl")).toBe(2);
  expect(linesOf("optimizer", "recommendation-events.jsonl")).toBe(3);
  const text = said.join("\n");
  expect(text).toContain("code-reviewer  ....x...x. | ..........");
  expect(text).toContain("test-writer    ...x...... | .x.xx.xxxx");
  expect(text).toContain("- Success rate: 60.0% (↓ down)");
  expect(text).toMatch(/- Success: declining: 1 of 6 recent, 10 of 14 before \(P 0\.\d{3}\), since \d{4}-/);
  expect(text).toContain("3 of 20 runs verified: 66.7% succeeded, 100.0% claimed to (gap 33.3 points)");
  expect(text).toContain(
    "too early: 0 of 0 after, 11 of 16 before without the 4 failures that led to it; 10 more runs",
  );
  expect(text).toContain("6 of 34 runs verified: 83.3% succeeded, 100.0% claimed to (gap 16.7 points)");
  // Once by the program, and once counted from the files.
  expect(text).toContain("helped: 14 of 14 after, 11 of 16 before without the 4 failures that led to it (P 0.986)");
  expect(text).toContain("  ...x..!....x.xx. | xxxx | ..............\n");
  expect(text).toContain("before: 11 of 16 succeeded");
  expect(text).toContain("after the adoption: 14 of 14 succeeded");
  expect(text).toContain("(12 * 13 * 14 * 15 * 16 * 17) / (27 * 28 * 29 * 30 * 31 * 32) = 0.986");
});
