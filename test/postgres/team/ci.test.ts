import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { testRepository } from "../../evidence/git/repository.ts";
import type { Machine } from "../../support/postgres/machine.ts";
import { newProject, teamStore } from "../../support/postgres/place.ts";
import { clientSettings, seenByHooks } from "../../support/postgres/seen-by-hooks.ts";
import { confirmedTeamProject } from "../../support/postgres/team-project.ts";

/** A repository whose clones are those of a project with a team's store, in which a client is set up. */
function teamRepository(project: string): string {
  const repository = testRepository();
  repository.write(".gitignore", "/.kaizen/*\n!/.kaizen/store.json\n");
  repository.write(".mcp.json", clientSettings);
  repository.write(".kaizen/store.json", `${JSON.stringify({ store: "postgres", project })}\n`);
  repository.git("add", "-A");
  repository.git("commit", "-qm", "the agents' history is the team's");
  // What is pushed may not be checked out there.
  repository.git("checkout", "-q", "--detach");
  return repository.folder;
}

async function pushed(machine: Machine, message: string): Promise<string> {
  machine.git("add", "-A");
  machine.git("commit", "-qm", message);
  machine.git("push", "-q", "origin", "HEAD:main");
  return machine.git("rev-parse", "HEAD");
}

describe.skipIf(teamStore === undefined || process.env.KAIZEN_TEST_STORE)("CI, on a machine without any log", () => {
  test("verifies the runs of a commit, and only its role's word counts", async () => {
    const project = newProject();
    const origin = teamRepository(project);
    const ann = await confirmedTeamProject(project, { user: "ann", origin });
    await seenByHooks(ann, { agent: "coder", key: "k-reported", work: () => ann.write("f", "better\n") });
    expect((await ann.here(["record", "coder", "--success", "--idempotency-key", "k-reported"])).status).toBe(0);
    const first = await pushed(ann, "the first run's work");
    // Times are kept to the second: runs that follow each other within one were at work together, as far as it shows.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
    onTestFinished(() => void vi.useRealTimers());
    await seenByHooks(ann, { agent: "coder", key: "k-silent", work: () => ann.write("f", "still better\n") });
    const second = await pushed(ann, "the second run's work");

    const verify = async (machine: Machine, commit: string, ...more: readonly string[]) => {
      const ran = await machine.apart(["verify", "--commit", commit, "--by", "ci", ...more]);
      expect(ran.stderr).toBe("");
      return ran;
    };
    const seenByAnn = async () => JSON.parse((await ann.here(["summary", "coder", "--json"])).stdout).stats.verified;

    // A login that may only write says the same: it is kept, and counts in no figure.
    const bob = await confirmedTeamProject(project, { user: "bob", origin });
    const claimed = await verify(bob, first, "--success");
    expect(claimed.stdout).toContain("claimed by ci, via cli: success, found by the same tree");
    expect(claimed.stdout).toContain("It counts in no figure: the store takes it from logins in kaizen_ci");
    expect((await verify(bob, second, "--success")).stdout).toContain("makes no run of it");
    expect(await seenByAnn()).toMatchObject({ runs: 0 });
    expect(JSON.parse((await ann.here(["runs", "coder", "--json"])).stdout).runs).toHaveLength(1);

    const build = await confirmedTeamProject(project, { user: "build", origin });
    expect(existsSync(join(build.root, ".kaizen/metrics/coder"))).toBe(false);
    const red = await verify(build, first, "--failure", "--json");
    expect(JSON.parse(red.stdout)).toMatchObject({
      verified: [{ agent: "coder", key: "k-reported", matched: "tree", claimed: true }],
    });
    expect((await verify(build, second, "--success")).stdout).toContain(
      "success by ci, found by the same tree; its agent had not reported it.",
    );
    expect(await seenByAnn()).toMatchObject({ runs: 2, rate: 0.5 });
    expect(existsSync(join(build.root, ".kaizen/metrics/coder"))).toBe(false);
  });
});
