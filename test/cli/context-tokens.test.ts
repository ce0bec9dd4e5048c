import { Tokenizer } from "ai-tokenizer";
import * as claude from "ai-tokenizer/encoding/claude";
import * as o200k from "ai-tokenizer/encoding/o200k_base";
import { expect, test } from "vitest";
import { TEST_WRITER } from "../demo/day.ts";
import { writeDemoProject } from "../readme/demo-project.ts";
import { contextIn, HookProject } from "./hook-project.ts";

// What a client's conversation pays for us. No tokenizer of a client is public: the larger of two stands for it.

const tokenizers = [new Tokenizer(claude), new Tokenizer(o200k)];
const tokensOf = (text: string) => Math.max(...tokenizers.map((tokenizer) => tokenizer.count(text)));

async function sessionOf(project: HookProject): Promise<string> {
  return contextIn(await project.hook("session-start", project.payload("session-start")), "SessionStart");
}

/** Records runs of an agent from a picture, all of them decided: no person is asked about them. */
async function record({ kaizen }: HookProject, agent: string, picture: string, error = "disk full"): Promise<void> {
  for (const mark of picture) {
    const success = mark === "+";
    const { id } = await kaizen.record({ agent, success, ...(success ? {} : { error_type: "TimeoutError", error }) });
    await kaizen.verify({ agent, execution_id: id ?? "", success, verified_by: "tests" });
  }
}

const steady = ["code-reviewer", "doc-writer", "planner", "release-manager", "translator"];

test("a subagent of the demo pays at most 260 tokens for its brief and how to report", async () => {
  const project = new HookProject();
  // A store that was begun here is trusted, and so speaks.
  await project.kaizen.record({ agent: "planner", success: true });
  await writeDemoProject(project.root);
  const context = await project.start({ agent_type: TEST_WRITER });
  expect(context).toContain("30 of 40 runs succeeded");
  expect(context).toContain("better since");
  expect(context).toContain("## Reporting");
  expect(tokensOf(context), context).toBeLessThanOrEqual(260);
});

test("a session with seven agents that have not changed pays at most 40", async () => {
  const project = new HookProject();
  for (const agent of [...steady, "security-auditor", TEST_WRITER]) await record(project, agent, "++++++++++-+");
  const context = await sessionOf(project);
  expect(context).toBe("kaizen-metrics: 7 agents, 84 runs, all steady.\n");
  expect(tokensOf(context), context).toBeLessThanOrEqual(40);
});

test("a session with seven agents, of which four need attention, pays at most 150", async () => {
  const project = new HookProject();
  const { kaizen } = project;
  for (const agent of steady.slice(1)) await record(project, agent, "++++++++++-+");
  const agent = await kaizen.agentOfType("code-reviewer");
  if (agent === undefined) throw new Error("The name is a lawful one.");
  for (const key of ["a1", "a2", "a3"]) await kaizen.observe(agent, { key, event: "ended" });
  await record(project, "security-auditor", `${"+-".repeat(13)}${"+".repeat(14)}`);
  const error = "container db-416 did not accept connections within 30 s";
  await record(project, TEST_WRITER, `${"+".repeat(35)}+-----+------+---`, error);
  const title = "Start the database container once, before the first test, and wait for its health check";
  await kaizen.writeAnalysis({ report: {}, recommendations: [{ agent: TEST_WRITER, title }] });
  for (let run = 0; run < 21; run += 1) await kaizen.record({ agent: "planner", success: true });
  const context = await sessionOf(project);
  for (const words of [
    "declining since",
    "14 times",
    "Improving: ",
    "0 of 3 runs",

    "Open advice",
    "21 runs und",
  ])
    expect(context).toContain(words);
  expect(tokensOf(context), context).toBeLessThanOrEqual(150);
});
