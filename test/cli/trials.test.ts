import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { HookProject } from "./hook-project.ts";

// A person starts the trial, the client runs the hook, and what is kept is looked at in the files.

const AGENT = "code-reviewer";
const TITLE = "Run the tests before you answer";

/** A project of this user with one recommendation. */
async function withAdvice() {
  const project = new HookProject();
  await project.kaizen.record({ agent: AGENT, success: true });
  const recommendations = [{ agent: AGENT, title: TITLE }];
  const { recommendation_ids } = await project.kaizen.writeAnalysis({ report: {}, recommendations });
  const [id = ""] = recommendation_ids;
  const command = (...args: string[]) => runCommandHere(["recommendations", ...args], { root: project.root });
  return { project, id, command };
}

describe("recommendations trial", () => {
  test("throws a coin for each subagent, keeps it before anything is known, and tells people only", async () => {
    const { project, id, command } = await withAdvice();
    const started = await command("trial", id);
    expect(started).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`${id} for "${AGENT}" is on trial: 50.0%`),
    });

    const shown: string[] = [];
    const keys = Array.from({ length: 4 }, (_, n) => `a3f9c2d17be4058${n.toString(16)}`);
    for (const key of keys) {
      const context = await project.start({ agent_id: key });
      expect(context).not.toMatch(/\btrial\b|\bcoin\b/i);
      if (context.includes(TITLE)) shown.push(key);
    }
    const assigned = project.lifecycle().filter((event) => event.assigned !== undefined);
    expect(assigned.map(({ key }) => key)).toEqual(keys);
    expect(assigned.filter((event) => event.assigned?.[`${id}#1`] === true).map(({ key }) => key)).toEqual(shown);

    for (const key of keys) {
      const { id: run } = await project.kaizen.record({ agent: AGENT, success: true, idempotency_key: key });
      if (key !== keys[0]) {
        await project.kaizen.verify({ agent: AGENT, execution_id: run ?? "", success: true, verified_by: "ci" });
      }
    }
    const listed = JSON.parse((await command("--json")).stdout);
    const { trial } = listed.recommendations[0];
    expect(trial).toMatchObject({ number: 1, share: 0.5, outcome: "verified", stopped_at: null, decision: null });
    expect(trial.shown.runs + trial.shown.undecided).toBe(shown.length);
    expect(trial.shown.runs + trial.not_shown.runs).toBe(3);
    expect((await command()).stdout).toContain("on trial (share 0.5):");

    expect(await command("stop", id)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("trial stopped (share 0.5): "),
    });
    expect(await project.start({ agent_id: "b3f9c2d17be40580" })).toContain(TITLE);
  });

  test("says what is wrong with a share, an outcome, an action or an id", async () => {
    const { id, command } = await withAdvice();
    for (const share of ["0", "1", "0.05", "half", "1e-1", ""]) {
      expect(await command("trial", id, "--share", share)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("send a number from 0.1 to 0.9"),
      });
    }
    expect(await command("trial", id, "--outcome", "seen")).toMatchObject({ status: 2 });
    expect(await command("trail", id)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("Did you mean trial?"),
    });
    expect(await command("trial")).toMatchObject({ status: 2, stderr: expect.stringContaining("trial needs ID") });
    expect(await command("stop", id)).toMatchObject({ status: 2, stderr: expect.stringContaining("is not on trial") });
    expect(await command("trial", `rec_${"0".repeat(20)}`)).toMatchObject({ status: 1 });
  });
});

describe("init --holdout", () => {
  test("leaves that share of the runs without a brief, keeps it outside of the project, and is taken back", async () => {
    const { project } = await withAdvice();
    const init = (share: string, ...more: string[]) =>
      runCommandHere(["init", "--client", "claude-code", "--holdout", share, ...more], { root: project.root });
    expect(await init("0.5", "--dry-run")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("50.0% of this machine's runs in this project would begin without a brief"),
    });
    expect(await init("0.5")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("50.0% of this machine's runs in this project begin without a brief"),
    });
    const contexts: string[] = [];
    for (let n = 0; n < 4; n += 1) contexts.push(await project.start({ agent_id: `c3f9c2d17be4058${n}` }));
    const without = contexts.filter((context) => !context.includes(" succeeded ("));
    expect(project.lifecycle().filter(({ assigned }) => assigned?.["brief@0.5"] === false)).toHaveLength(
      without.length,
    );
    for (const context of without) expect(context).toContain("record_execution");

    const told = await runCommandHere(["summary", AGENT, "--holdout"], { root: project.root });
    expect(told).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`"${AGENT}", 50.0% without a brief: open: `),
    });

    expect(await init("0")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("None of this machine's runs in this project begin without a brief."),
    });
    expect(await project.start({ agent_id: "d3f9c2d17be40580" })).toContain(" succeeded (");
    expect(project.lifecycle().at(-1)?.assigned).toBeUndefined();
  });

  test("says what is wrong with a share, and what to do where nothing was held out", async () => {
    const { project } = await withAdvice();
    for (const share of ["0.6", "-1", "a tenth"]) {
      const args = ["init", "--client", "claude-code", `--holdout=${share}`];
      expect(await runCommandHere(args, { root: project.root })).toMatchObject({
        status: 2,
        stderr: expect.stringContaining("send 0, or a share from 0.01 to 0.5"),
      });
    }
    expect(await runCommandHere(["summary", "--holdout"], { root: project.root })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("No run was held out."),
    });
  });
});
