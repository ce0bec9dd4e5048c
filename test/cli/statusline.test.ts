import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectKaizen } from "../dashboard/served.ts";
import { runCommand } from "../support/command.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";

const HOUR_MS = 3_600_000;

/** As Claude Code sends it, with more than is looked at. */
function sent(root: string): string {
  return JSON.stringify({
    hook_event_name: "Status",
    session_id: "abc",
    cwd: "/",
    model: { id: "m", display_name: "M" },
    workspace: { current_dir: "/", project_dir: root },
    cost: { total_cost_usd: 0.01 },
  });
}

const shown = (root: string, stdin = sent(root)) => runCommand(["statusline"], { cwd: "/", stdin });

/** A line that would come late is left out, and the client asks again: so a busy machine is no fault. */
async function line(root: string): ReturnType<typeof shown> {
  const ran = await shown(root);
  return ran.stdout === "" ? line(root) : ran;
}

test("shows which agents decline, how many runs are undecided, and how the last one went", async () => {
  const root = temporaryFolder();
  const kaizen = projectKaizen(root);
  const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * HOUR_MS).toISOString();
  for (let run = 0; run < 40; run += 1) {
    await kaizen.record({ agent: "packer", success: run < 25, timestamp: at(400 - run) });
  }
  const { id } = await kaizen.record({ agent: "tester", success: true, timestamp: at(2) });
  expect(await line(root)).toEqual({
    status: 0,
    stdout: "kaizen: packer declining, 1 run undecided, last tester succeeded\n",
    stderr: "",
  });
  await kaizen.verify({ agent: "tester", execution_id: id ?? "", success: false, verified_by: "human" });
  expect((await line(root)).stdout).toBe("kaizen: packer declining, last tester failed\n");
});

test("shows names of other writers as plain text, on one short line", async () => {
  const root = temporaryFolder();
  await projectKaizen(root).record({ agent: "packer", success: true });
  const name = `\u202ea"<b>\u200b ${"x".repeat(150)}`;
  mkdirSync(join(root, ".kaizen", "metrics", name));
  writeForeignLines(root, name, [{ success: false, timestamp: new Date(Date.now() + 60_000).toISOString() }]);
  const { stderr, stdout } = await line(root);
  expect(stdout).toMatch(/^kaizen: [ -~…]{1,112}\n$/);
  expect(stdout).toContain('last a"<b> xx');
  expect(stderr).toBe("");
});

test("shows nothing of what a clone brought before it was accepted", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "packer", [{ success: false }]);
  expect((await line(root)).stdout).toBe("kaizen: the store came with a clone; kaizen-metrics trust accepts it\n");
});

test("prints nothing and creates nothing if there is no store, no project or no document", async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, ".git"));
  expect(await shown(root)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(existsSync(join(root, ".kaizen"))).toBe(false);
  writeFileSync(join(root, ".kaizen"), "");
  for (const stdin of ["", "[]", "nothing", '{"cwd": 3, "workspace": []}', "x".repeat(5_000_000), sent(root)]) {
    expect(await shown(root, stdin)).toMatchObject({ status: 0, stdout: "" });
  }
});
