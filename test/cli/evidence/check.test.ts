import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/places.ts";
import { KEY } from "../hook-project.ts";
import { CheckedProject } from "./checked-project.ts";
import { AGENT, EvidenceProject, nextSecond } from "./evidence-project.ts";

// A process of its own is at the check, and nothing waits for it: only Linux tells when it is gone.
const onLinux = describe.runIf(process.platform === "linux");
const OTHER = "b3f9c2d17be40586f";

onLinux("a run that edited is checked on a copy of what it left, and", () => {
  test("is verified by tests if the check passes, also if its agent has not reported it", async () => {
    const project = await CheckedProject.with({ line: "echo ' Tests  5 passed (5)'" });
    expect(await project.edits("good and new")).toMatchObject({ check: "passed" });
    const word = { success: true, verified_by: "tests", via: "check", evidence: "exit 0, 5 passed, 0 failed" };
    expect(await project.verdicts()).toEqual([{ key: KEY, success: true, recorded_by: "check", said: [word] }]);
    expect((await project.kaizen.summary(AGENT)).stats.verified).toMatchObject({ runs: 1, successes: 1 });
    const [place, ...others] = project.checks();
    expect([others, place?.startsWith(project.root), existsSync(place ?? "")]).toEqual([[], false, false]);
  });

  test("is refuted if the check fails, whatever it claims", async () => {
    const project = await CheckedProject.with();
    const claimed = await project.kaizen.record({ agent: AGENT, success: true, idempotency_key: KEY });
    expect(claimed.recorded).toBe(true);
    expect(await project.edits("broken")).toMatchObject({ check: "failed" });
    const word = { success: false, verified_by: "tests", via: "check", evidence: "exit 1" };
    expect(await project.verdicts()).toEqual([{ key: KEY, success: true, recorded_by: undefined, said: [word] }]);
    expect((await project.kaizen.summary(AGENT)).stats.verified).toMatchObject({ runs: 1, successes: 0 });
  });

  test("is checked again, and judged anew, once its agent was taken up again", async () => {
    const project = await CheckedProject.with();
    await project.edits("broken");
    expect(await project.edits("good again")).toMatchObject({ check: "passed" });
    const [run] = await project.verdicts();
    expect(run?.said.map(({ success }) => success)).toEqual([false, true]);
    expect((await project.kaizen.summary(AGENT)).stats.verified).toMatchObject({ runs: 1, successes: 1 });
  });

  test("gets no verdict for what was red before it: by a check of the clean commit, and by what is remembered", async () => {
    const project = await CheckedProject.with({ f: "red" });
    expect(await project.edits("still red")).toMatchObject({ check: "known_red" });
    expect(project.checks()).toHaveLength(2);
    expect(await project.edits("red as ever", OTHER)).toMatchObject({ check: "known_red" });
    expect(project.checks()).toHaveLength(3);
    expect(await project.verdicts()).toEqual([]);
    expect(await project.edits("good at last", "c3f9c2d17be40586f")).toMatchObject({ check: "passed" });
  });

  test("gets no verdict, and no check, if what decides the check was changed in it", async () => {
    const project = await CheckedProject.with();
    await project.agentRuns((lines) => {
      project.write("package.json", '{"scripts":{"test":"true"}}');
      project.write("f", "broken");
      lines.edited("f");
    });
    expect(await project.untilChecked()).toMatchObject({ check: "changed", flags: ["config_changed"] });
    expect([project.checks(), await project.verdicts()]).toEqual([[], []]);
  });

  test("gets no verdict if its files were changed while the check was at them", async () => {
    const project = await CheckedProject.with({ line: 'echo late > "$(cat where)/g"' });
    project.write("where", project.root);
    project.commit();
    expect(await project.edits("good and new")).toMatchObject({ check: "void" });
    expect(project.checks()).toHaveLength(1);
    expect(await project.verdicts()).toEqual([]);
  });

  test.each([
    ["timeout", { line: "sleep 1000", timeoutS: 1 }],
    ["not_started", { line: "no-such-program-here || exit 127" }],
  ])("gets no verdict of a check with %s", async (check, options) => {
    const project = await CheckedProject.with(options);
    expect(await project.edits("good and new")).toMatchObject({ check });
    expect(await project.verdicts()).toEqual([]);
  });

  test("gets no verdict if another one was at work in the same folder", async () => {
    const project = await CheckedProject.with();
    await project.start({ agent_id: OTHER });
    expect(await project.edits("broken")).toMatchObject({ check: "failed", shared: true });
    await project.agentEnds((lines) => lines.edited("f"), { key: OTHER });
    expect(await project.untilChecked(OTHER)).toMatchObject({ check: "failed", shared: true });
    expect(await project.verdicts()).toEqual([]);
    // One of the commit at the start, and one of the tree that both have left.
    expect(project.checks()).toHaveLength(2);
  });

  test("shares one check of a tree with a run that leaves the same, and both are verified", async () => {
    const project = await CheckedProject.with();
    await project.edits("good and new");
    project.write("f", "good");
    await nextSecond();
    expect(await project.edits("good and new", OTHER)).toMatchObject({ check: "passed" });
    expect(project.checks()).toHaveLength(1);
    expect((await project.verdicts()).map(({ success }) => success)).toEqual([true, true]);
  });

  test("is checked in the project's folder, with what is installed there, if the repository holds more", async () => {
    const outer = new EvidenceProject({ takesPart: false });
    const project = new CheckedProject({ root: join(outer.root, "packages/a"), isRepository: false, takesPart: false });
    outer.git("init", "-q");
    mkdirSync(join(project.root, "node_modules/dep"), { recursive: true });
    project.write("node_modules/dep/dep.js", "");
    project.write(".gitignore", "node_modules\n");
    project.write("f", "good");
    await project.init("--check", "test -e node_modules/dep/dep.js && grep -q good f", "--yes");
    outer.commit();
    expect(await project.edits("good and new")).toMatchObject({ check: "passed" });
  });
});

onLinux("nothing is checked", () => {
  test("after a run that edited nothing, nor in the mode in which a client only plans", async () => {
    const project = await CheckedProject.with();
    await project.agentRuns((lines) => lines.ran("ls", "f"));
    const planned = { agent_id: OTHER, permission_mode: "plan" };
    await project.agentRuns(
      (lines) => {
        project.write("f", "broken");
        lines.edited("f");
      },
      { key: OTHER, more: planned },
    );
    await project.hook("subagent-after", project.payload("subagent-stop", planned));
    await project.untilIdle();
    expect(project.checks()).toEqual([]);
    expect([await project.facts(), await project.facts(OTHER)]).not.toContainEqual(
      expect.objectContaining({ check: expect.anything() }),
    );
  });

  test("once the check was taken back, nor with KAIZEN_EVIDENCE=off", async () => {
    const project = await CheckedProject.with();
    const runs = async (key: string) => {
      await project.agentRuns(
        (lines) => {
          project.write("f", `broken by ${key}`);
          lines.edited("f");
        },
        { key },
      );
      await project.untilIdle();
    };
    project.env = { KAIZEN_EVIDENCE: "off" };
    await runs(KEY);
    project.env = {};
    await project.init("--no-check");
    await runs(OTHER);
    expect(project.checks()).toEqual([]);
    await project.init("--check", `pwd >> '${project.log}'`, "--yes");
    await project.edits("broken", "c3f9c2d17be40586f");
    expect(project.checks()).toHaveLength(1);
  });

  test("by what a clone brings: its settings, its hooks and its store start no program", async () => {
    const canary = join(temporaryFolder(), "ran");
    const evil = `touch '${canary}'`;
    const project = new EvidenceProject({ takesPart: false });
    const check = { command: evil, timeout_s: 60 };
    const hook = { type: "command", command: `kaizen-metrics hook subagent-stop --check "${evil}"` };
    project.write(".claude/settings.json", JSON.stringify({ hooks: { SubagentStop: [{ hooks: [hook] }] }, check }));
    for (const name of ["trust.json", "check.json", "config.json", ".locks/trust.json", "metrics/check.json"]) {
      project.write(`.kaizen/${name}`, JSON.stringify({ version: 1, roots: [{ path: project.root, check }], check }));
    }
    project.write(".kaizen-metrics.json", JSON.stringify({ check }));
    project.write("package.json", JSON.stringify({ "kaizen-metrics": { check: evil }, scripts: { test: evil } }));
    project.write(".env", `KAIZEN_CHECK=${evil}\nXDG_STATE_HOME=.kaizen\n`);
    project.write("f", "good");
    project.commit();
    for (const key of [KEY, OTHER]) {
      await project.agentRuns(
        (lines) => {
          project.write("f", `changed by ${key}`);
          lines.edited("f");
        },
        { key },
      );
      await project.hook("subagent-after", project.payload("subagent-stop", { agent_id: key, check: evil }));
      await project.run("trust", "--yes");
    }
    const flagged = await project.hook("subagent-stop --check", project.payload("subagent-stop"));
    expect(flagged.status).toBe(0);
    await project.untilIdle();
    expect(existsSync(canary)).toBe(false);
    expect(await project.facts(OTHER)).toMatchObject({ edits: 1, tree: expect.anything() });
  });
});

onLinux("a check", () => {
  test("prints for nobody: its output is in no file, neither of the store nor of what is trusted", async () => {
    const project = await CheckedProject.with({
      line: "echo CANARY_output; echo CANARY_error >&2; echo 'FAIL CANARY_name'",
    });
    await project.edits("broken");
    expect(await project.verdicts()).toHaveLength(1);
    expect(project.storedIn("CANARY")).toEqual([]);
    const state = join(process.env.HOME ?? "", ".local/state/kaizen-metrics");
    const files = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const kept = files.map((one) => readFileSync(join(one.parentPath, one.name), "utf8"));
    // The command itself is there, and has the words once; what it printed would have them without what is around.
    expect(kept.filter((text) => /(?<!echo '?(?:FAIL )?)CANARY/.test(text))).toEqual([]);
  });

  test("has an environment of its own, with nothing of the client's in it", async () => {
    const seen = join(temporaryFolder(), "environment");
    const project = await CheckedProject.with({ line: `env > '${seen}'` });
    project.env = { CLAUDECODE: "1", CI: "true", ANTHROPIC_API_KEY: "CANARY", GIT_DIR: "/nowhere", NODE_OPTIONS: "" };
    await project.edits("good and new");
    const names = readFileSync(seen, "utf8")
      .split("\n")
      .flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(
      names.filter((name) => !["PATH", "HOME", "LANG", "TMPDIR", "PWD", "OLDPWD", "SHLVL", "_"].includes(name)),
    ).toEqual([]);
  });
});
