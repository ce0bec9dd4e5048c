import { expect, test } from "vitest";
import { type Environment, helpText, readCommandLine, type Settings } from "../../src/config.ts";
import { KaizenError } from "../../src/errors.ts";

function settings(args: readonly string[], environment: Environment = {}): Settings {
  const command = readCommandLine(args, environment);
  if (command.kind !== "serve") throw new Error(`the command was ${command.kind}`);
  return command.settings;
}

function refusal(args: readonly string[], environment: Environment = {}): string {
  try {
    readCommandLine(args, environment);
  } catch (error) {
    if (error instanceof KaizenError) return `${error.message} ${error.hint}`;
    throw error;
  }
  return "accepted";
}

test("without flags and variables the root has to be found, and runs are kept for 180 days", () => {
  expect(settings([])).toEqual({ root: undefined, retentionDays: { value: 180, source: "default" } });
});

test("a flag goes before KAIZEN_PROJECT_ROOT, and that before CLAUDE_PROJECT_DIR", () => {
  const environment = { KAIZEN_PROJECT_ROOT: "/b", CLAUDE_PROJECT_DIR: "/c" };
  expect(settings(["--root", "/a"], environment).root).toEqual({ value: "/a", source: "--root" });
  expect(settings([], environment).root).toEqual({ value: "/b", source: "KAIZEN_PROJECT_ROOT" });
  expect(settings([], { CLAUDE_PROJECT_DIR: "/c" }).root).toEqual({ value: "/c", source: "CLAUDE_PROJECT_DIR" });
});

test("an empty variable counts as none, an empty flag does not", () => {
  expect(settings([], { KAIZEN_PROJECT_ROOT: "", CLAUDE_PROJECT_DIR: "/c" }).root?.source).toBe("CLAUDE_PROJECT_DIR");
  expect(settings(["--root="], { KAIZEN_PROJECT_ROOT: "/b" }).root).toEqual({ value: "", source: "--root" });
});

test("a value may follow its flag or stand behind an equals sign, and the last one counts", () => {
  expect(settings(["--root=/a", "--root", "/b c"]).root?.value).toBe("/b c");
  expect(settings(["--retention-days=7.5"]).retentionDays).toEqual({ value: 7.5, source: "--retention-days" });
});

test("retention is a number of days; 0 keeps runs for ever", () => {
  const environment = { KAIZEN_RETENTION_DAYS: "30" };
  expect(settings([], environment).retentionDays).toEqual({ value: 30, source: "KAIZEN_RETENTION_DAYS" });
  expect(settings(["--retention-days", "0"], environment).retentionDays.value).toBeNull();
});

test.for(["-1", "ten", "1e3", "", "NaN", "Infinity", "90d"])("a retention of %j is refused", (days) => {
  expect(refusal([`--retention-days=${days}`])).toBe(
    `--retention-days is "${days}"; send a number of days such as 90, or 0 for ever. See kaizen-metrics --help.`,
  );
});

test("a wrong variable is named as where the value came from", () => {
  expect(refusal([], { KAIZEN_RETENTION_DAYS: "soon" })).toMatch(/^KAIZEN_RETENTION_DAYS is "soon"; /);
});

test.for([
  [["--rot", "/a"], "--rot is not a flag; did you mean --root?"],
  [["--colour"], "--colour is not a flag."],
  [["--root"], "--root needs a value."],
  [["--root", "--version"], "--root needs a value."],
  [["serve"], '"serve" is not expected here.'],
] as const)("%j is refused", ([args, sentence]) => {
  expect(refusal(args)).toBe(`${sentence} See kaizen-metrics --help.`);
});

test("help and version win over everything that is right", () => {
  expect(readCommandLine(["--root", "/a", "--help"], {})).toEqual({ kind: "help" });
  expect(readCommandLine(["-v"], {})).toEqual({ kind: "version" });
});

test("the help names every flag and variable", () => {
  for (const word of [
    "--root",
    "--retention-days",
    "--help",
    "--version",
    "KAIZEN_PROJECT_ROOT",
    "KAIZEN_RETENTION_DAYS",
  ]) {
    expect(helpText).toContain(word);
  }
});
