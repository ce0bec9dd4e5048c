import { expect, test } from "vitest";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { nodeFileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { Layout } from "../../src/storage/jsonl/files/layout.ts";
import { VERIFICATION_SNAPSHOT } from "../../src/storage/jsonl/verifications/verification-fold.ts";
import { block, blocks, chapter, codesIn, table } from "./page.ts";
import { type SampleProject, sampleProject } from "./sample-project.ts";

const files = chapter("Files on disk");

function fromExamples(): Promise<SampleProject> {
  const [analysis, verification, change] = blocks(chapter("Tools"), "json").map((text) => JSON.parse(text));
  return sampleProject({ run: JSON.parse(block(chapter("The first run"), "json")), analysis, verification, change });
}

test("the line of the log is what the example call leaves", async () => {
  const log = (await fromExamples()).file("metrics", "code-reviewer", "executions.jsonl");
  expect(block(files, "jsonl")).toBe(`${log.trimEnd().split("\n").at(-1)}\n`);
});

test("summary.json is what stands there after the twelve runs", async () => {
  expect(block(files, "json")).toBe((await fromExamples()).file("metrics", "code-reviewer", "summary.json"));
});

test("the optimizer's files are what the example analysis leaves", async () => {
  const project = await fromExamples();
  expect(block(files, "json", 1)).toBe(project.file("metrics", "optimizer", "analysis.json"));
  expect(block(files, "jsonl", 1)).toBe(project.file("metrics", "optimizer", "recommendations.jsonl"));
});

test("the verifications and the life of recommendations are what the examples of both leave", async () => {
  const project = await fromExamples();
  expect(block(files, "jsonl", 2)).toBe(project.file("metrics", "code-reviewer", "verifications.jsonl"));
  expect(block(files, "jsonl", 3)).toBe(project.file("metrics", "optimizer", "recommendation-events.jsonl"));
});

test("the lifecycle events are what hooks leave of a run that they see begin and end", async () => {
  const project = await fromExamples();
  expect(block(files, "jsonl", 4)).toBe(project.file("metrics", "code-reviewer", "lifecycle.jsonl"));
});

test("the .gitignore is the one that the first run creates", async () => {
  expect(block(files, "gitignore")).toBe((await fromExamples()).file(".gitignore"));
});

test("the performance summary is that of the same runs, to the byte", async () => {
  const markdown = await (await fromExamples()).kaizen.performanceSummary("code-reviewer");
  expect(block(chapter("The performance summary"), "markdown")).toBe(markdown);
});

test("the table names every place of the store", () => {
  const layout = new Layout(nodeFileSystem, "/");
  const agent = layout.agent(agentNameSchema.parse("AGENT"));
  const shown = (path: string) => path.replaceAll("\\", "/").replace(/^\//, "").replace("AGENT", "<agent>");
  const listed = table(files, "file").flatMap(([names = ""]) => codesIn(names).map((name) => name.replace(/\/$/, "")));
  const { folder: _, checkpoint: _inIndex, ...ofAgent } = agent;
  const places = [...Object.values(ofAgent), layout.analysis, layout.recommendations, layout.recommendationEvents];
  expect(listed).toEqual(expect.arrayContaining([...places.map(shown), shown(layout.locks), ".kaizen/.gitignore"]));
  expect(files).toContain(`\`${VERIFICATION_SNAPSHOT}\``);
  const ignored = block(files, "gitignore").split("\n");
  const patterns = ignored.filter((line) => line !== "" && !line.startsWith("#"));
  const isListed = (pattern: string) => listed.some((name) => `${name}/`.endsWith(`/${pattern}`) || name === pattern);
  expect(patterns.filter((pattern) => !isListed(pattern))).toEqual([]);
});
