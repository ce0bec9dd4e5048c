import { beforeEach, describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";

const HOUR_MS = 3_600_000;

let root = "";

/** Runs of an agent, the last of which ended so many hours ago, and those before an hour earlier each. */
function runsOf(agent: string, ids: readonly number[], hoursAgo: number): void {
  const lines = ids.map((id, index) => ({
    success: true,
    task: `task ${id}`,
    timestamp: new Date(Date.now() - (hoursAgo + ids.length - 1 - index) * HOUR_MS).toISOString(),
    id: idOf(id),
  }));
  writeForeignLines(root, agent, lines);
}

async function said(...args: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await runCommandHere(args, { root });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

async function refused(...args: readonly string[]) {
  const { status, stderr, stdout } = await runCommandHere(args, { root });
  expect(stdout).toBe("");
  return { status, stderr };
}

beforeEach(() => {
  root = temporaryFolder();
  runsOf("coder", [1, 2, 3], 5);
  runsOf("writer", [4, 5], 1);
});

describe("the newest undecided run", () => {
  test("is found without its name, is told, and is another one after that", async () => {
    const first = await said("verify", "--last", "--failure", "--by", "human", "--evidence", "the door does not close");
    expect(first).toMatch(
      /^run_0+5 of "writer", \d{4}-\d\d-\d\d \d\d:\d\d, claimed success, `task 5`\n.* is a failure now; the agent had reported a success\.\n/,
    );
    expect(await said("verify", "--last", "--success", "--by", "ci")).toContain(`${idOf(4)} of "writer"`);
    expect(await said("verify", "--last", "--success", "--by", "ci")).toContain(`${idOf(3)} of "coder"`);
    expect(await said("verify", "--last", "--agent", "coder", "--success", "--by", "ci")).toContain(idOf(2));
  });

  test("is of one agent if that is named, and undecided also if only an agent's shell has said something", async () => {
    const env = { CLAUDECODE: "1" };
    await runCommandHere(["verify", "coder", idOf(3), "--success", "--by", "human"], { root, env });
    expect(await said("verify", "--last", "--agent", "coder", "--success", "--by", "human")).toContain(idOf(3));
    expect(await refused("verify", "--last", "--agent", "codr", "--success", "--by", "human")).toMatchObject({
      status: 1,
    });
  });

  test("is none once every run is decided", async () => {
    for (const id of [1, 2, 3]) await said("verify", "coder", idOf(id), "--success", "--by", "ci");
    const { status, stderr } = await refused("verify", "--last", "--agent", "coder", "--success", "--by", "human");
    expect([status, stderr]).toEqual([1, expect.stringContaining('No run of "coder" is undecided')]);
  });
});

test("a run may be named without its agent", async () => {
  expect(await said("verify", idOf(4), "--success", "--by", "ci")).toContain(
    `${idOf(4)} is a success, as the agent reported.`,
  );
  expect(await refused("verify", idOf(9), "--success", "--by", "ci")).toMatchObject({ status: 1 });
  expect(await refused("verify", "coder", "--success", "--by", "ci")).toMatchObject({ status: 2 });
});

describe("a word that is taken back", () => {
  test("is the last one of all, and then the one before it; what counts now is told", async () => {
    await said("verify", "coder", idOf(1), "--failure", "--by", "human");
    await said("verify", "coder", idOf(1), "--success", "--by", "tests");
    expect(await said("verify", "coder", idOf(1), "--undo")).toContain(
      "Taken back of run_00000000000000000001: success by tests",
    );
    const second = await said("verify", "--undo");
    expect(second).toContain("failure by human");
    expect(second).toContain(`${idOf(1)} was reported as a success; no check that counts says more.`);
    expect(second).toContain('"coder" has 0 verified runs.');
    const { status, stderr } = await refused("verify", "--undo");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Nothing was said by a person")]);
    expect(JSON.parse(await said("summary", "coder", "--json"))).toMatchObject({ stats: { verified: { runs: 0 } } });
    expect(JSON.parse(await said("executions", "coder", "--json"))).not.toHaveProperty("verifications");
  });

  test("leaves what another verifier found, and that an agent says", async () => {
    await said("verify", "coder", idOf(2), "--failure", "--by", "ci");
    await said("verify", "coder", idOf(2), "--success", "--by", "human");
    const env = { CLAUDECODE: "1" };
    await runCommandHere(["verify", "coder", idOf(2), "--success", "--by", "agent"], { root, env });
    const undone = JSON.parse(await said("verify", idOf(2), "--undo", "--json"));
    expect(undone).toMatchObject({ unproven: true, withdrawn: true, verified_by: "agent", verified: true });
    expect(await said("verify", idOf(2), "--undo")).toContain("success by human");
    expect(JSON.parse(await said("summary", "coder", "--json"))).toMatchObject({
      stats: { verified: { runs: 1, successes: 0 } },
    });
  });
});

test.each([
  [["--last", "--pick", "--success"], "Use either --last or --pick."],
  [["coder", "--last", "--success", "--by", "ci"], "finds the run itself"],
  [["--last", "--success"], "needs --by"],
  [["--last", "--by", "human"], "needs --success or --failure"],
  [["--pick", "--success", "--by", "human"], "needs a terminal; name a run"],
  [["--undo", "--success"], "--undo goes without --success"],
  [["coder", "run_1", "--agent", "coder", "--success", "--by", "ci"], "--agent goes with"],
  [["--success", "--by", "ci"], "needs AGENT and RUN, or --last"],
] as const)("verify %j is refused, and nothing is said of any run", async (args, why) => {
  const { status, stderr } = await refused("verify", ...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
});
