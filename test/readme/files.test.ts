import { describe, expect, test } from "vitest";
import { adr004Files, type FolderCatalogue, quarantineOf, sourcesIn } from "../../src/adr004/catalogue.ts";
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

test("the evidence is what is left of that run once its transcript and its working copy are read", async () => {
  const project = await fromExamples();
  expect(block(files, "jsonl", 5)).toBe(project.file("metrics", "code-reviewer", "evidence.jsonl"));
});

test("the .gitignore is the one that the first run creates", async () => {
  expect(block(files, "gitignore")).toBe((await fromExamples()).file(".gitignore"));
});

test("the performance summary is that of the same runs, to the byte", async () => {
  const markdown = await (await fromExamples()).kaizen.performanceSummary("code-reviewer");
  expect(block(chapter("The performance summary"), "markdown")).toBe(markdown);
});

/** What the table says of each place. */
const rows = new Map(table(files, "file").flatMap(([names = "", says]) => codesIn(names).map((name) => [name, says])));

describe.each<[string, FolderCatalogue]>([
  ["<agent>", adr004Files.agent],
  ["optimizer", adr004Files.optimizer],
])("of the folder %s", (folder, catalogue) => {
  const rowOf = (name: string) => rows.get(`.kaizen/metrics/${folder}/${name}`);

  test("the table says of each file what the catalogue says", () => {
    for (const { isFolder, name, says } of [...sourcesIn(catalogue), ...Object.values(catalogue.derived)]) {
      expect(rowOf(isFolder ? `${name}/` : name)).toBe(says);
    }
  });

  test("the table has the quarantines, and the snapshots", () => {
    for (const { name, snapshot, what } of Object.values(catalogue.journals)) {
      const says = rowOf(quarantineOf(name)) ?? rowOf("*.quarantine");
      expect(says).toMatch(rowOf("*.quarantine") ? "Unreadable lines" : `took out of ${what}, byte for byte.`);
      if (snapshot !== undefined) expect(rowOf(".index/")).toContain(`\`${snapshot}\``);
    }
  });
});

test("the table names every other place of the store", () => {
  const listed = [...rows.keys()].map((name) => name.replace(/\/$/, ""));
  expect(listed).toEqual(expect.arrayContaining([".kaizen/metrics/.locks", ".kaizen/.gitignore"]));
  const ignored = block(files, "gitignore").split("\n");
  const patterns = ignored.filter((line) => line !== "" && !line.startsWith("#"));
  const isListed = (pattern: string) => listed.some((name) => `${name}/`.endsWith(`/${pattern}`) || name === pattern);
  expect(patterns.filter((pattern) => !isListed(pattern))).toEqual([]);
});
