import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

function project() {
  const root = temporaryFolder();
  mkdirSync(join(root, ".git"));
  const state = temporaryFolder();
  const env = { XDG_STATE_HOME: state };
  const run = (...args: string[]) => runCommandHere(args, { root, env });
  const init = (...args: string[]) => run("init", "--client", "claude-code", ...args);
  const trusted = () => JSON.parse(readFileSync(join(state, "kaizen-metrics", "trust.json"), "utf8")).roots[0];
  return { root, run, init, trusted, env };
}

describe("a check of one's own", () => {
  test("wants a person's word, which names what it means, and writes nothing without it", async () => {
    const { init, run } = project();
    const refused = await init("--check", "npm test");
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("a check needs your word") });
    expect(refused.stderr).toContain("an agent that may only edit can so run programs");
    expect((await run("doctor")).stdout).not.toContain("Check:");
  });

  test("is kept outside the project, told by doctor, and taken back", async () => {
    const { init, root, run, trusted } = project();
    expect(await init("--check", "npm test", "--check-timeout", "60", "--yes")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Check: "npm test" runs after runs that edited, for at most 60 s'),
    });
    expect(trusted().check).toEqual({ command: "npm test", timeout_s: 60 });
    for (const file of [".claude/settings.json", ".mcp.json"]) {
      expect(readFileSync(join(root, file), "utf8")).not.toContain("npm test");
    }
    expect((await run("doctor")).stdout).toContain('Check: "npm test"');
    expect((await init("--no-check")).stdout).toContain("Check: none runs any more.");
    expect(trusted().check).toBeUndefined();
  });

  test.each([
    [["--check", " ", "--yes"], "one line for a shell"],
    [["--check", "a\nb", "--yes"], "one line for a shell"],
    [["--check", "npm test", "--check-timeout", "soon", "--yes"], "send whole seconds"],
    [["--check-timeout", "5"], "--check-timeout needs --check"],
    [["--check", "npm test", "--no-check", "--yes"], "Use either --check or --no-check."],
    [["--workflow", "CI"], "--workflow needs --ci"],
    [["--ci", "jenkins"], "known are gh and glab"],
    [["--remove", "--check", "npm test"], "--check does not go with --remove"],
  ])("%j is refused", async (args, sentence) => {
    const { init } = project();
    expect(await init(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(sentence) });
  });
});

test("what was chosen and cannot be kept is told as that, and not as a store of another", async () => {
  const { root } = project();
  for (const home of [join(temporaryFolder(), "gone"), join(root, "gone")]) {
    const env = { HOME: home, XDG_STATE_HOME: undefined, LOCALAPPDATA: home };
    const told = await runCommandHere(["init", "--client", "claude-code", "--check", "npm test", "--yes"], {
      root,
      env,
    });
    expect(told).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^kaizen-metrics: check: not kept, for [^\n]+\n$/),
    });
    expect(told.stderr).not.toContain("came from elsewhere");
  }
});

test("CI is asked only if a person of this machine says so, and which workflows count is told", async () => {
  const { init, run, trusted } = project();
  const told = await init("--ci", "gh", "--workflow", "Tests", "--workflow", "Lint");
  expect(told.stdout).toContain(
    'CI: gh is asked over the network, at most once an hour, what became of commits; "Tests", "Lint" counts',
  );
  expect(trusted().ci).toEqual({ program: "gh", workflows: ["Tests", "Lint"] });
  expect((await run("doctor")).stdout).toContain("CI: gh");
  await init("--no-ci");
  expect(trusted().ci).toBeUndefined();
});

test("transcripts and git are on, unless a person or the environment has switched them off", async () => {
  const { env, init, root, run } = project();
  const evidence = async () => (await run("doctor")).stdout.split("\n").find((line) => line.startsWith("Evidence:"));
  expect(await evidence()).toBe("Evidence: transcripts on, git on.");
  await init("--no-transcripts", "--no-git");
  expect(await evidence()).toBe("Evidence: transcripts off, git off.");
  await init("--git");
  expect(await evidence()).toBe("Evidence: transcripts off, git on.");
  await init("--transcripts");
  const off = await runCommandHere(["doctor", "--json"], { root, env: { ...env, KAIZEN_EVIDENCE: "off" } });
  expect(JSON.parse(off.stdout).evidence).toEqual({
    transcripts: false,
    git: false,
    check: null,
    ci: null,
    off: "KAIZEN_EVIDENCE is off",
  });
});
