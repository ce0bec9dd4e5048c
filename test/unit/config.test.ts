import { expect, test } from "vitest";
import { type Environment, readSettings, rootSettings, type Settings } from "../../src/config.ts";
import { KaizenError } from "../../src/errors.ts";

interface Flags {
  readonly root?: string;
  readonly retentionDays?: string;
}

function settings({ root, retentionDays }: Flags, environment: Environment = {}): Settings {
  return readSettings({ root, retentionDays }, environment);
}

function refusal(flags: Flags, environment: Environment = {}): string {
  try {
    settings(flags, environment);
  } catch (error) {
    if (error instanceof KaizenError) return `${error.message} ${error.hint}`;
    throw error;
  }
  return "accepted";
}

test("without flags and variables the root has to be found, and runs are kept for 180 days", () => {
  expect(settings({})).toMatchObject({ root: undefined, retentionDays: { value: 180, source: "default" } });
});

test("a flag goes before KAIZEN_PROJECT_ROOT, and that before CLAUDE_PROJECT_DIR", () => {
  const environment = { KAIZEN_PROJECT_ROOT: "/b", CLAUDE_PROJECT_DIR: "/c" };
  expect(settings({ root: "/a" }, environment).root).toEqual({ value: "/a", source: "--root" });
  expect(settings({}, environment).root).toEqual({ value: "/b", source: "KAIZEN_PROJECT_ROOT" });
  expect(settings({}, { CLAUDE_PROJECT_DIR: "/c" }).root).toEqual({ value: "/c", source: "CLAUDE_PROJECT_DIR" });
});

test("everything that names the root is told in the order in which it counts", () => {
  const environment = { KAIZEN_PROJECT_ROOT: "/b", CLAUDE_PROJECT_DIR: "/c" };
  expect(rootSettings("/a", environment).map(({ value }) => value)).toEqual(["/a", "/b", "/c"]);
  expect(rootSettings(undefined, {})).toEqual([]);
});

test("an empty variable counts as none, an empty flag does not", () => {
  expect(settings({}, { KAIZEN_PROJECT_ROOT: "", CLAUDE_PROJECT_DIR: "/c" }).root?.source).toBe("CLAUDE_PROJECT_DIR");
  expect(settings({ root: "" }, { KAIZEN_PROJECT_ROOT: "/b" }).root).toEqual({ value: "", source: "--root" });
});

test("retention is a number of days; 0 keeps runs for ever", () => {
  const environment = { KAIZEN_RETENTION_DAYS: "30" };
  expect(settings({}, environment).retentionDays).toEqual({ value: 30, source: "KAIZEN_RETENTION_DAYS" });
  expect(settings({ retentionDays: "7.5" }, environment).retentionDays.value).toBe(7.5);
  expect(settings({ retentionDays: "0" }, environment).retentionDays.value).toBeNull();
});

test.for(["-1", "ten", "1e3", "", "NaN", "Infinity", "90d"])("a retention of %j is refused", (days) => {
  expect(refusal({ retentionDays: days })).toBe(
    `--retention-days is "${days}"; send a number of days such as 90, or 0 for ever. See kaizen-metrics --help.`,
  );
});

test("a wrong variable is named as where the value came from", () => {
  expect(refusal({}, { KAIZEN_RETENTION_DAYS: "soon" })).toMatch(/^KAIZEN_RETENTION_DAYS is "soon"; /);
});
