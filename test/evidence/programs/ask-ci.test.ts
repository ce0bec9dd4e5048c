import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { askGh } from "../../../src/evidence/ci/ask-gh.ts";
import { askGlab } from "../../../src/evidence/ci/ask-glab.ts";
import { temporaryFolder } from "../../support/places.ts";
import { fakeProgram } from "./fake-program.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const other = "f".repeat(40);
const url = "https://github.com/example/sums/actions/runs/1";
const green = {
  conclusion: "success",
  status: "completed",
  workflowName: "tests",
  headSha: commit,
  event: "push",
  url,
};
const pipeline = {
  id: 1,
  iid: 1,
  project_id: 1,
  status: "success",
  source: "push",
  ref: "main",
  sha: commit,
  name: "tests",
  web_url: "https://gitlab.com/example/sums/-/pipelines/1",
  updated_at: "2026-11-29T14:00:00Z",
  created_at: "2026-11-29T14:00:00Z",
};

interface Fake {
  readonly script: string;
  readonly workflows?: readonly string[];
  readonly limitMs?: number;
  readonly environment?: Record<string, string>;
}

function askFake(name: "gh" | "glab", { script, workflows = ["tests"], ...options }: Fake) {
  const cwd = temporaryFolder();
  const program = fakeProgram(cwd, name, script);
  const question = { program, cwd, commit, workflows, environment: { PATH: process.env.PATH }, ...options };
  return name === "gh" ? askGh(question) : askGlab(question);
}

/** Asks a program that prints a value as JSON. */
function askPrinting(name: "gh" | "glab", answer: unknown, workflows?: readonly string[]) {
  const file = join(temporaryFolder(), "answer.json");
  writeFileSync(file, JSON.stringify(answer));
  return askFake(name, { script: `cat '${file}'`, ...(workflows === undefined ? {} : { workflows }) });
}

const red = { ...green, conclusion: "failure", url: `${url}2` };
const running = { ...green, status: "in_progress", conclusion: "" };

test.each([
  ["green", [green], { success: true, url }],
  ["red", [red], { success: false, url: `${url}2` }],
  ["red by time", [{ ...red, conclusion: "timed_out" }], { success: false, url: `${url}2` }],
  ["green and red", [green, red], { success: false, url: `${url}2` }],
  ["of a pull request", [{ ...green, event: "pull_request" }], { success: true, url }],
  ["one under way", [green, running], "undecided"],
  ["one red, one under way", [red, running], "undecided"],
  ["under way, and named as if it had ended", [{ ...green, status: "queued" }], "undecided"],
  ["cancelled", [green, { ...green, conclusion: "cancelled" }], "undecided"],
  ["skipped", [{ ...green, conclusion: "skipped" }], "undecided"],
  ["waiting for a person", [{ ...green, conclusion: "action_required" }], "undecided"],
  ["a word that is not known", [{ ...green, conclusion: "sparkling" }], "undecided"],
  ["nothing", [], "unknown"],
  ["another commit", [{ ...green, headSha: other }], "unknown"],
  ["the beginning of a commit", [{ ...green, headSha: commit.slice(0, 12) }], "unknown"],
  ["a workflow that is not named", [{ ...green, workflowName: "always green" }], "unknown"],
  ["a red one that is not named", [green, { ...red, workflowName: "nightly" }], { success: true, url }],
  ["an event of a fork", [{ ...green, event: "pull_request_target" }], "unknown"],
  ["an event of the clock", [{ ...green, event: "schedule" }], "unknown"],
  ["as many runs as are asked for", Array.from({ length: 50 }, () => green), "undecided"],
  ["an address without encryption", [{ ...green, url: "http://example.com/1" }], { success: true, url: undefined }],
  ["an address that is none", [{ ...green, url: "javascript:alert(1)" }], { success: true, url: undefined }],
  ["an address with a password", [{ ...green, url: "https://a:b@example.com/" }], { success: true, url: undefined }],
  ["a long address", [{ ...green, url: `https://example.com/${"a".repeat(600)}` }], { success: true, url: undefined }],
])("gh says: %s", async (_, answer, verdict) => {
  expect(await askPrinting("gh", answer)).toEqual(verdict);
});

test("each workflow that is named has to have ended", async () => {
  const lint = { ...green, workflowName: "lint" };
  expect(await askPrinting("gh", [green], ["tests", "lint"])).toBe("undecided");
  expect(await askPrinting("gh", [green, lint], ["tests", "lint"])).toEqual({ success: true, url });
  expect(await askPrinting("gh", [green, { ...lint, conclusion: "failure" }], ["tests", "lint"])).toMatchObject({
    success: false,
  });
  expect(await askPrinting("gh", [green], [])).toBe("unknown");
});

test.each([
  ["green", [pipeline], { success: true, url: pipeline.web_url }],
  ["red", [{ ...pipeline, status: "failed" }], { success: false, url: pipeline.web_url }],
  ["of a merge request", [{ ...pipeline, source: "merge_request_event" }], { success: true, url: pipeline.web_url }],
  ["under way", [{ ...pipeline, status: "waiting_for_resource" }], "undecided"],
  ["waiting for a person", [{ ...pipeline, status: "manual" }], "undecided"],
  ["cancelled", [{ ...pipeline, status: "canceled" }], "undecided"],
  ["another source", [{ ...pipeline, source: "web" }], "unknown"],
  ["another commit", [{ ...pipeline, sha: other }], "unknown"],
  ["another name", [{ ...pipeline, name: "nightly" }], "unknown"],
  ["nothing", [], "unknown"],
  ["nothing, as Go says it", null, "unknown"],
])("glab says: %s", async (_, answer, verdict) => {
  expect(await askPrinting("glab", answer)).toEqual(verdict);
});

test("all pipelines of GitLab count if none is named", async () => {
  const cwd = temporaryFolder();
  const { name: _, ...unnamed } = pipeline;
  const program = fakeProgram(cwd, "glab", `echo '${JSON.stringify([unnamed])}'`);
  const answer = askGlab({ program, cwd, commit, environment: { PATH: process.env.PATH } });
  expect(await answer).toEqual({ success: true, url: pipeline.web_url });
});

test.each([
  [
    "gh",
    "run list --commit 0123456789abcdef0123456789abcdef01234567 --json conclusion,status,workflowName,headSha,event,url --limit 50",
  ],
  ["glab", "ci list --sha 0123456789abcdef0123456789abcdef01234567 --output json --per-page 50"],
] as const)("%s is asked in the project, without questions, news, colours and a terminal", async (name, line) => {
  const seen = temporaryFolder();
  const script = [
    `pwd -P > '${seen}/cwd'; printf '%s' "$*" > '${seen}/args'; env > '${seen}/env'`,
    `cat > '${seen}/stdin'; (: > /dev/tty) 2>/dev/null && echo yes > '${seen}/tty'`,
    "echo '[]'",
  ].join("\n");
  const environment = { PATH: process.env.PATH ?? "", GH_TOKEN: "secret", GH_FORCE_TTY: "1", DEBUG: "1" };
  expect(await askFake(name, { script, environment })).toBe("unknown");
  const read = (file: string) => readFileSync(join(seen, file), "utf8");
  expect(read("args")).toBe(line);
  expect(read("stdin")).toBe("");
  expect(() => read("tty")).toThrow("ENOENT");
  expect(realpathSync(read("cwd").trim())).toMatch(/kaizen-test-/);
  const env = read("env");
  expect(env).toContain("GH_TOKEN=secret");
  expect(env).toContain("NO_COLOR=1");
  if (name === "gh") {
    expect(env).toContain("GH_PROMPT_DISABLED=1\n");
    expect(env).toContain("GH_NO_UPDATE_NOTIFIER=1\n");
    expect(env).not.toContain("GH_FORCE_TTY");
  } else {
    expect(env).toContain("GLAB_NO_PROMPT=1\n");
    expect(env).toContain("GLAB_CHECK_UPDATE=false\n");
    expect(env).not.toMatch(/^DEBUG=/m);
  }
});

test.each<[string, Fake, RegExp]>([
  [
    "it is not logged in, by the words",
    { script: "echo 'You are not logged in. Run gh auth login' >&2; exit 1" },
    /is not logged in/,
  ],
  ["it is not logged in, by the status", { script: "exit 4" }, /is not logged in/],
  ["it is offline", { script: "echo 'error connecting to api.github.com' >&2; exit 1" }, /could not reach its server/],
  ["it is too old", { script: "echo 'unknown flag: --commit' >&2; exit 1" }, /too old/],
  ["the project is elsewhere", { script: "echo 'no git remotes found' >&2; exit 1" }, /finds no project/],
  ["it fails", { script: "echo secret-of-a-stranger >&2; exit 7" }, /failed \(exit status 7\)/],
  ["it hangs", { script: "sleep 1000", limitMs: 300 }, /did not answer within 300 ms/],
  [
    "it asks for a password",
    { script: "printf 'Password: '; read -r answer && echo '[]'" },
    /failed|form that is not known/,
  ],
  [
    "it prints megabytes",
    { script: "while :; do echo 0123456789012345678901234567890123456789; done" },
    /more than 1 MiB/,
  ],
  ["it prints no JSON", { script: "echo 'A new release of gh is available'" }, /form that is not known/],
  ["it prints other JSON", { script: 'echo \'{"message":"Not Found"}\'' }, /form that is not known/],
  ["it prints runs without a commit", { script: 'echo \'[{"conclusion":"success"}]\'' }, /form that is not known/],
])("gh has no answer if %s", async (_, fake, message) => {
  const answer = askFake("gh", fake);
  await expect(answer).rejects.toMatchObject({
    name: "KaizenError",
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/\.$/),
  });
  await expect(answer).rejects.not.toMatchObject({ message: expect.stringContaining("stranger") });
});

test("a program that is not there is told", async () => {
  const cwd = temporaryFolder();
  const question = { program: join(cwd, "gh"), cwd, commit, workflows: ["tests"], environment: {} };
  await expect(askGh(question)).rejects.toMatchObject({ message: "gh could not be started (ENOENT)." });
});

test.each(["HEAD", "--help", commit.slice(1), commit.toUpperCase(), `${commit}\n`, ""])(
  "no program is started for what is no commit: %j",
  async (text) => {
    const cwd = temporaryFolder();
    const program = fakeProgram(cwd, "gh", ": > started; echo '[]'");
    const question = { program, cwd, commit: text, workflows: ["tests"], environment: {} };
    await expect(askGh(question)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(() => readFileSync(join(cwd, "started"))).toThrow("ENOENT");
  },
);
