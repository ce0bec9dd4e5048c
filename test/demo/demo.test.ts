import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { startSession } from "./session.ts";
import { playDay } from "./story.ts";

test("the demo plays to its end, and leaves forty runs and the advice of its optimizer", async () => {
  const projectRoot = temporaryFolder();
  const session = await startSession(bundle, projectRoot);
  const said: string[] = [];
  await playDay({ session, projectRoot, now: Date.now(), say: (text) => said.push(text) });
  const linesOf = (...path: string[]) =>
    readFileSync(join(projectRoot, ".kaizen", "metrics", ...path), "utf8").split("\n").length - 1;
  expect(linesOf("code-reviewer", "executions.jsonl")).toBe(20);
  expect(linesOf("test-writer", "executions.jsonl")).toBe(20);
  expect(linesOf("optimizer", "recommendations.jsonl")).toBe(2);
  const text = said.join("\n");
  expect(text).toContain("code-reviewer  ....x...x. | ..........");
  expect(text).toContain("test-writer    ...x...... | ...xxxxxxx");
  expect(text).toContain("- Success rate: 90.0% (→ stable)");
  expect(text).toContain("- Success rate: 60.0% (↓ down)");
});
