import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hookEvents } from "../../src/cli/clients/entry/hooks.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { Seldom } from "../../src/trust/seldom.ts";
import { cleanEnvironment, type Ran, runCommand } from "../support/command.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";
import { HookProject, silent } from "./hook-project.ts";

const onLinux = test.runIf(process.platform === "linux");
const AGENT = "code-reviewer";

/** What a person's prompt was answered with. It went to no model. */
function reasonIn({ status, stderr, stdout }: Ran): string {
  expect([status, stderr]).toEqual([0, ""]);
  const { decision, reason, ...others } = JSON.parse(stdout);
  expect([decision, others]).toEqual(["block", {}]);
  return reason;
}

async function wordsOn(project: HookProject) {
  const { verifications } = await project.kaizen.executions(AGENT, { filter: {}, limit: 10 });
  return [...verifications.values()].flat();
}

describe("a person who types a command of ours", () => {
  test.each([
    ["good", true],
    ["bad", false],
  ] as const)("%s has the newest undecided run verified, and reads which one it was", async (name, success) => {
    const project = new HookProject();
    await project.kaizen.record({ agent: AGENT, success: true, task: "old" });
    const { id = "" } = await project.kaizen.record({ agent: AGENT, success: true, task: "new" });
    const typed = { command_name: `kaizen-metrics:${name}`, command_args: "the door closes", prompt: "?" };
    const reason = reasonIn(await project.hook("user-prompt", project.payload("user-prompt-expansion", typed)));
    expect(reason).toContain(`Noted: ${success ? "success" : "failure"} by human, of ${id} of "${AGENT}"`);
    expect(reason).toContain("verify --undo");
    expect(await wordsOn(project)).toMatchObject([
      { execution_id: id, success, verified_by: "human", via: "prompt", evidence: "the door closes" },
    ]);
    expect((await project.kaizen.summary(AGENT)).stats.verified).toMatchObject({ runs: 1, successes: success ? 1 : 0 });
  });

  test("is understood without the event that names the command, and only at the beginning of a prompt", async () => {
    const project = new HookProject();
    await project.kaizen.record({ agent: AGENT, success: true });
    const submit = (prompt: string) =>
      project.hook("user-prompt", JSON.stringify({ hook_event_name: "UserPromptSubmit", cwd: project.root, prompt }));
    const others = [
      "What is /kaizen-metrics:good?",
      "Type /kaizen-metrics:good",
      "/kaizen-metrics:goodness",
      "/good",
      "/other:bad",
      "",
    ];
    for (const prompt of others) silent(await submit(prompt));
    const other = { command_name: "other:good", prompt: "/kaizen-metrics:good" };
    silent(await project.hook("user-prompt", project.payload("user-prompt-expansion", other)));
    expect(await wordsOn(project)).toEqual([]);
    reasonIn(await submit("/kaizen-metrics:bad\nit hangs"));
    expect(await wordsOn(project)).toMatchObject([{ success: false, evidence: "it hangs", via: "prompt" }]);
  });

  test("may paste anything behind it: it is kept as one bounded line, and nothing of it runs", async () => {
    const project = new HookProject();
    const canary = join(temporaryFolder(), "ran");
    await project.kaizen.record({ agent: AGENT, success: true });
    const pasted = `$(touch ${canary}) \`touch ${canary}\`; touch ${canary}\n\u001b[31mred \u202e${"x".repeat(5000)}`;
    const typed = { command_name: "kaizen-metrics:bad", command_args: pasted };
    reasonIn(await project.hook("user-prompt", project.payload("user-prompt-expansion", typed)));
    const [word] = await wordsOn(project);
    expect(word?.evidence?.length).toBeLessThanOrEqual(1000);
    expect(word?.evidence).toMatch(/^\$\(touch [\x20-\x7e…]+$/);
    expect(existsSync(canary)).toBe(false);
  });

  test("reads why nothing was noted", async () => {
    const project = new HookProject();
    const payload = project.payload("user-prompt-expansion");
    expect(reasonIn(await project.hook("user-prompt", payload))).toBe("Nothing was noted: no run is undecided.");
    expect(existsSync(join(project.root, ".kaizen"))).toBe(false);
    const stranger = new HookProject({ takesPart: false });
    const asked = await stranger.hook("user-prompt", stranger.payload("user-prompt-expansion"));
    expect(reasonIn(asked)).toBe("Nothing was noted: this project has no runs.");
    expect(existsSync(join(stranger.root, ".kaizen"))).toBe(false);
  });

  test("is the only one for whom a client asks: the hook is for those two commands", () => {
    const { matcher } = hookEvents[5];
    const names = ["good", "bad", "goodness", "x"].map((name) => `kaizen-metrics:${name}`);
    expect([...names, "other-kaizen-metrics:good"].filter((name) => new RegExp(matcher).test(name))).toEqual([
      "kaizen-metrics:good",
      "kaizen-metrics:bad",
    ]);
  });
});

/** Programs under the names of clients that do what they are told, as their child or in their place. */
function clientNamed(name: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, '#!/bin/sh\n"$@"\nexit $?\n');
  chmodSync(path, 0o755);
  return path;
}

/** The hook as it is started by those before it on the line, the first of which starts them all. */
function hookBelow(project: HookProject, above: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const [command = "", ...rest] = [...above, process.execPath, bundle, "hook", "user-prompt", "--limit", "30000"];
  const input = project.payload("user-prompt-expansion");
  const { status, stderr, stdout } = spawnSync(command, rest, {
    cwd: project.root,
    env: cleanEnvironment({ CLAUDE_PROJECT_DIR: project.root, ...env }),
    input,
    encoding: "utf8",
  });
  return { status: status ?? "unknown", stderr, stdout };
}

describe("the hook of a person's prompt that an agent runs", () => {
  async function projectWithRun(): Promise<HookProject> {
    const project = new HookProject();
    await project.kaizen.record({ agent: AGENT, success: true });
    return project;
  }

  test.each([{ CLAUDECODE: "1" }, { CODEX_THREAD_ID: "t" }, { CLAUDECODE: "1", CI: "true" }])(
    "in a shell with %j notes nothing, and says so",
    async (env) => {
      const project = await projectWithRun();
      const reason = reasonIn(await project.hook("user-prompt", project.payload("user-prompt-expansion"), env));
      expect(reason).toMatch(/^Nothing was noted: \w+ is set\. /);
      expect(await wordsOn(project)).toEqual([]);
    },
  );

  // As Claude Code 2.1.332 sets them for its hooks, and for the commands of its agents.
  const started = (by: string) => ({ CLAUDECODE: "1", CLAUDE_CODE_ENTRYPOINT: "sdk-cli", AI_AGENT: by });

  test("is told from the client's own by what that says of who has started it", async () => {
    const typed = await projectWithRun();
    const ofClient = started("claude-code_2-1-332_harness");
    const said = await typed.hook("user-prompt", typed.payload("user-prompt-expansion"), ofClient);
    expect(reasonIn(said)).toMatch(/^Noted: success by human/);
    expect(await wordsOn(typed)).toMatchObject([{ verified_by: "human", via: "prompt" }]);
    for (const env of [started("claude-code_2-1-332_agent"), { ...ofClient, CODEX_THREAD_ID: "t" }, started("")]) {
      const forged = await projectWithRun();
      const refused = await forged.hook("user-prompt", forged.payload("user-prompt-expansion"), env);
      expect(reasonIn(refused)).toMatch(/^Nothing was noted: \w+ is set\. /);
      expect(await wordsOn(forged)).toEqual([]);
    }
  });

  test("says of a command line below it, which is no hook, that it proves nothing", async () => {
    const project = await projectWithRun();
    const env = { CLAUDE_PROJECT_DIR: project.root, ...started("claude-code_2-1-332_harness") };
    const line = ["verify", "--last", "--success", "--by", "human"];
    expect((await runCommand(line, { root: project.root, env })).stdout).toContain("Kept as claimed by human, via cli");
    expect(await wordsOn(project)).toMatchObject([{ via: "cli", unproven: true }]);
  });

  onLinux("below a client notes something if the client has started it, and nothing if a shell of it has", async () => {
    const [claude, codex] = [clientNamed("claude"), clientNamed("codex")];
    const shell = ["/bin/sh", "-c", 'env -u CLAUDECODE "$@"; exit $?', "sh"];
    const forged = await projectWithRun();
    const ways = [
      [claude, ...shell],
      [claude, ...shell, "/bin/sh", "-c", '"$@"; exit $?', "sh"],
      [codex, ...shell, claude],
      [claude, ...shell, claude],
    ];
    for (const above of ways) expect(reasonIn(hookBelow(forged, above))).toMatch(/^Nothing was noted: /);
    expect(await wordsOn(forged)).toEqual([]);
    const typed = await projectWithRun();
    expect(reasonIn(hookBelow(typed, ["/bin/sh", "-c", '"$@"; exit $?', "sh", claude]))).toMatch(/^Noted: /);
    expect(await wordsOn(typed)).toMatchObject([{ via: "prompt" }]);
  });

  onLinux("is believed if a client has started it by a line for a shell, which has nothing but the hook", async () => {
    const project = await projectWithRun();
    const claude = clientNamed("claude");
    const line = `"${process.execPath}" "${bundle}" hook user-prompt`;
    const run = (text: string) => {
      const env = cleanEnvironment({ CLAUDE_PROJECT_DIR: project.root });
      const input = project.payload("user-prompt-expansion");
      const options = { cwd: project.root, env, input, encoding: "utf8" } as const;
      const { status, stderr, stdout } = spawnSync(claude, ["/bin/sh", "-c", text], options);
      return reasonIn({ status: status ?? "unknown", stderr, stdout });
    };
    expect(run(`cat /dev/null; ${line}; exit $?`)).toContain("a shell of an agent has started it");
    expect(run(line)).toMatch(/^Noted: /);
  });
});

describe("a conversation that begins", () => {
  const HOUR_MS = 3_600_000;

  function begin(project: HookProject) {
    return project.hook("session-start", project.payload("session-start"));
  }

  function ranHoursAgo(project: HookProject, ...hours: readonly number[]): void {
    writeForeignLines(
      project.root,
      AGENT,
      hours.map((ago, index) => ({
        success: true,
        timestamp: formatInstant(Date.now() - ago * HOUR_MS),
        id: idOf(index + 1),
      })),
    );
  }

  test("tells its user once a day, and no more often, how many runs of the last week are undecided", async () => {
    const project = new HookProject();
    // A store that this user has not made says nothing of itself.
    await project.kaizen.record({ agent: "writer", success: true });
    ranHoursAgo(project, 24 * 30, 51, 3);
    const { hookSpecificOutput, systemMessage } = JSON.parse((await begin(project)).stdout);
    expect(systemMessage).toContain("3 runs undecided; /kaizen-metrics:good or :bad, or kaizen-metrics verify --pick");
    expect(hookSpecificOutput.additionalContext).toContain("- For the user: 3 runs undecided; ");
    const again = JSON.parse((await begin(project)).stdout);
    expect(again).not.toHaveProperty("systemMessage");
    expect(again.hookSpecificOutput.additionalContext).not.toContain("undecided");
    expect(existsSync(join(project.root, ".kaizen", "mentioned"))).toBe(false);
  });

  test("hears of no run that is decided, nor of a project in which all are", async () => {
    const project = new HookProject();
    const { id } = await project.kaizen.record({ agent: AGENT, success: true });
    await project.kaizen.verify({ agent: AGENT, execution_id: id ?? "", success: true, verified_by: "ci" });
    expect(JSON.parse((await begin(project)).stdout)).not.toHaveProperty("systemMessage");
    await project.kaizen.record({ agent: AGENT, success: true });
    expect(JSON.parse((await begin(project)).stdout).systemMessage).toContain("1 run undecided");
  });

  test("of another client is not told of commands that only Claude Code has", async () => {
    const project = new HookProject();
    await project.kaizen.record({ agent: AGENT, success: true });
    const env = { GEMINI_PROJECT_DIR: project.root };
    const { stdout } = await project.hook("session-start", project.payload("session-start"), env);
    expect(JSON.parse(stdout).systemMessage).toBe("1 run undecided; kaizen-metrics verify --pick");
  });

  test("is told again after a day, and never if that cannot be kept", () => {
    const home = temporaryFolder();
    const at = (environment: Record<string, string>) => new Seldom("mentioned", "/project", environment, false);
    const once = at({ XDG_STATE_HOME: home });
    const now = Date.now();
    expect([once.isDue(now), once.note(now), once.isDue(now), once.isDue(now + 23 * HOUR_MS)]).toEqual([
      ...[true, true, false, false],
    ]);
    expect(once.isDue(now + 24 * HOUR_MS)).toBe(true);
    expect(new Seldom("mentioned", "/other", { XDG_STATE_HOME: home }, false).isDue(now)).toBe(true);
    expect([at({}).isDue(now), at({}).note(now)]).toEqual([false, false]);
    const linked = temporaryFolder();
    mkdirSync(join(linked, "kaizen-metrics"));
    symlinkSync(home, join(linked, "kaizen-metrics", "mentioned"));
    expect(at({ XDG_STATE_HOME: linked }).note(now)).toBe(false);
  });
});
