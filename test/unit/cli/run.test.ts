import { expect, test } from "vitest";
import { commandsFor } from "../../../src/cli/commands/index.ts";
import { type RunOptions, run } from "../../../src/cli/run.ts";
import { KaizenError } from "../../../src/errors.ts";
import { Kaizen } from "../../../src/kaizen/kaizen.ts";
import { createLog } from "../../../src/log.ts";
import type { Machine } from "../../../src/project-root.ts";
import { createMemoryStore } from "../../oracle/memory.ts";
import { clockAt } from "../../support/runs.ts";

const machine: Machine = {
  windows: false,
  workingDirectory: "/project",
  home: "/home/me",
  kindOf: () => "folder",
  realPath: (path) => path,
};

interface Said {
  status: number;
  stdout: string;
  stderr: string;
  /** What happened to the use cases. */
  events: string[];
}

/** Runs a line in this process, over a store in memory. */
async function say(args: readonly string[], given: Partial<RunOptions> = {}): Promise<Said> {
  const said: Said = { status: -1, stdout: "", stderr: "", events: [] };
  const writeError = (text: string) => {
    said.stderr += text;
  };
  const { now } = clockAt();
  said.status = await run({
    args,
    commandsFor,
    environment: {},
    machine,
    version: "1.2.3",
    script: "/opt/main.js",
    stdin: { isTerminal: false, chunks: async function* () {} },
    stdout: {
      isTerminal: false,
      columns: undefined,
      write: async (text) => {
        said.stdout += text;
      },
    },
    stderr: { isTerminal: false, columns: undefined, write: writeError },
    log: createLog(writeError),
    now,
    random: () => 0.5,
    readBeside: async (name) => `# ${name}\n`,
    findProject: async () => ({ path: "/project", rule: "--root" }),
    openKaizen(project, { retentionDays: { value } }) {
      said.events.push(`opened ${project.path}, ${value}`);
      const store = createMemoryStore({ now, retentionDays: value });
      const kaizen = new Kaizen({ store, now, randomHex: () => "0".repeat(32), retentionDays: value });
      const close = kaizen.close.bind(kaizen);
      kaizen.close = async () => {
        said.events.push("closed");
        await close();
      };
      return kaizen;
    },
    openTrust() {
      throw new Error("nothing here asks for it");
    },
    openStoreTrust() {
      throw new Error("nothing here asks for it");
    },
    chooseStore: () => ({ kind: "folder" }),
    serve: async ({ root }) => {
      said.events.push(`served ${root?.value}`);
      return 143;
    },
    ...given,
  });
  return said;
}

test("nobody is expected to type records into a terminal", async () => {
  const stdin = { isTerminal: true, chunks: async function* () {} };
  expect(await say(["import", "-"], { stdin })).toEqual({
    status: 2,
    stdout: "",
    stderr:
      "kaizen-metrics: stdin is a terminal: pipe records into it, or name a file or folder. " +
      "See kaizen-metrics import --help.\n" +
      "Usage: kaizen-metrics import PATH [--agent NAME] [--dry-run]\n" +
      "       kaizen-metrics import --from .kaizen [--dry-run]\n" +
      "       kaizen-metrics import (junit | tap | vitest) FILE --commit SHA\n",
    events: [],
  });
});

test("without a command a client is served, and its exit status is the program's", async () => {
  expect(await say(["--root", "/a"])).toEqual({ status: 143, stdout: "", stderr: "", events: ["served /a"] });
});

test("what was opened is closed, also where the command fails", async () => {
  expect((await say(["agents"])).events).toEqual(["opened /project, 180", "closed"]);
  const failed = await say(["verify", "a", "run_1", "--success", "--by", "ci"]);
  expect(failed).toMatchObject({ status: 1, stdout: "", events: ["opened /project, 180", "closed"] });
});

test("a command answers before the store is closed, which may have to look after a large log", async () => {
  const order: string[] = [];
  const { now } = clockAt();
  const said = await say(["record", "tester", "--success", "--json"], {
    stdout: { isTerminal: false, columns: undefined, write: async (text) => void order.push(JSON.parse(text).agent) },
    openKaizen() {
      const store = createMemoryStore({ now, retentionDays: null });
      const kaizen = new Kaizen({ store, now, randomHex: () => "0".repeat(32), retentionDays: null });
      kaizen.close = async () => void order.push("closed");
      return kaizen;
    },
  });
  expect([said.status, order]).toEqual([0, ["tester", "closed"]]);
});

test("the settings are those of the flags and the environment", async () => {
  const environment = { KAIZEN_RETENTION_DAYS: "30" };
  expect((await say(["agents"], { environment })).events[0]).toBe("opened /project, 30");
  expect((await say(["agents", "--retention-days", "0"], { environment })).events[0]).toBe("opened /project, null");
  const wrong = await say(["agents"], { environment: { KAIZEN_RETENTION_DAYS: "soon" } });
  expect(wrong).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining('KAIZEN_RETENTION_DAYS is "soon"'),
  });
});

test.for([
  ["record tester", "record needs --success or --failure."],
  ["record tester --success --failure", "Use either --success or --failure."],
  ["record --success", "record needs AGENT."],
  [
    "record tester --success --quality-score 85",
    "--quality-score is 85: it goes from 0 to 1 (divide percentages by 100).",
  ],
  ["record tester --success --execution-time-s 1e300", "--execution-time-s is 1e+300: no run takes as long."],
  ["record tester --success --execution-time-s 1795341600", "--execution-time-s is 1795341600: no run takes as long."],
  ["record tester --success --cost-usd much", '--cost-usd is "much": send a number.'],
  ["record tester --success --input-tokens 1.5", "--input-tokens is 1.5: send an integer."],
  ["record tester --success --set findings", '--set is "findings"; send KEY=VALUE, e.g. tests_passed=12.'],
  ["record tester --success --set id=1", '--set may not give "id": the store gives the id.'],
  ["record tester --success --set cost_usd=1", '--set may not give "cost_usd": say it with --cost-usd.'],
  [
    "record tester --success --set __proto__=1",
    '--set is {"__proto__":1}: it has the key "__proto__", which is refused.',
  ],
  ["record tester --success --file missing.json", '"missing.json" cannot be read (there is no such file).'],
  ["record tester --success --file -", "stdin is empty; a JSON object is expected."],
  ["record ../tester --success", '"../tester": agent name may hold letters, digits, . _ - @ + and inner spaces only.'],
  ["verify tester run_1 --success", "verify needs --by, with human, ci, tests, agent."],
  ["verify tester run_1 --by ci", "verify needs --success or --failure."],
  ["summary tester --since lately", '--since is no time that is understood: "lately".'],
  ["executions tester --limit 0", "--limit is 0: the least is 1."],
  ["executions tester --limit 1.5", "--limit is 1.5: send an integer."],
  ["executions tester --limit 5000", "--limit is 5000: the most is 1000."],
  ["executions tester --limit few", '--limit is "few": send a number.'],
  ["agents --sort best", '--sort is "best": send "name" or "success_rate" or "last_execution" or "worst".'],
  ["brief tester --detail long", '--detail is "long": send "short" or "full".'],
  ["recommendations updat x", 'Unknown action "updat". Did you mean update?'],
  ["recommendations nope", 'Unknown action "nope". To adopt: recommendations adopt ID.'],
  ["recommendations update rec_1", "update needs --status, with adopted, rejected, superseded, reopened."],
  ["recommendations update --status adopted", "update needs ID."],
  ["recommendations update rec_1 --status done", '--status is "done": '],
  ["recommendations --status done", '--status is "done": '],
  ["prune", "prune needs AGENT or --all."],
  ["analysis --retention-days 30", "--retention-days goes with --write"],
  ["init --client cursor --remove --retention-days 30", "--retention-days does not go with --remove."],
  ["prune tester --all", "prune takes AGENT or --all, not both."],
] as const)("%s is refused: %s", async ([line, sentence]) => {
  const { status, stderr, stdout } = await say(line.split(" "));
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(`kaizen-metrics: ${sentence}`);
});

test("with --json an error is one document on stderr, also where the line cannot be read", async () => {
  const unknown = await say(["record", "tester", "--sucess", "--json"]);
  expect(unknown).toMatchObject({ status: 2, stdout: "" });
  expect(JSON.parse(unknown.stderr)).toEqual({
    error: {
      code: "INVALID_ARGUMENT",
      message: "--sucess is not a flag of record; did you mean --success?",
      hint: "See kaizen-metrics record --help.",
    },
  });
  const findProject = async () => {
    throw new Error("secret");
  };
  const fault = await say(["agents", "--json"], { findProject });
  expect(fault).toMatchObject({ status: 1, stdout: "" });
  expect(JSON.parse(fault.stderr)).toEqual({
    error: { code: "INTERNAL", message: "Something went wrong inside kaizen-metrics." },
  });
});

test("a command that a client runs fails for nothing, whatever is wrong with its line or the settings", async () => {
  for (const line of [
    "hook",
    "hook subagent-start --colour",
    "hook subagent-start --retention-days x",
    "--root /p hook subagent-stop --bogus",
  ]) {
    const { status, stderr, stdout } = await say(line.split(" "));
    expect({ line, status, stdout }).toEqual({ line, status: 0, stdout: "" });
    expect(stderr).toMatch(/^kaizen-metrics: /);
  }
});

test("--json prints one document, in which what could steer a terminal is escaped", async () => {
  const title = "\u001b[31m\u202e\u{e0001}é\u2028\u3164";
  const store = createMemoryStore({ now: () => 0, retentionDays: null });
  const options = { store, now: () => 0, randomHex: () => "0".repeat(32), retentionDays: null };
  await new Kaizen(options).writeAnalysis({ report: { title } });
  const { stdout } = await say(["analysis", "--json"], { openKaizen: () => new Kaizen(options) });
  expect(stdout).toBe('{\n  "title": "\\u001b[31m\\u202e\\udb40\\udc01é\\u2028\\u3164"\n}\n');
  expect(JSON.parse(stdout)).toEqual({ title });
});

test("a failure to write is told, and not taken for success", async () => {
  const write = async () => {
    throw new KaizenError("IO_ERROR", "Writing to stdout failed (ENOSPC).");
  };
  const stdout = { isTerminal: false, columns: undefined, write };
  const { status, stderr } = await say(["agents"], { stdout });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      "kaizen-metrics: Writing to stdout failed (ENOSPC). Only the answer is lost: what the command was to do is done.\n",
  });
});

test("a --root that names no project is a mistake of the line, and a place without one is not", async () => {
  const findProject = async () => {
    throw new KaizenError("NO_PROJECT", "There is no folder /gone.", { hint: "Give --root." });
  };
  for (const line of ["agents", "where", "init --client cursor"]) {
    expect([line, (await say([...line.split(" "), "--root", "/gone"], { findProject })).status]).toEqual([line, 2]);
  }
  expect((await say(["agents"], { findProject, environment: { KAIZEN_PROJECT_ROOT: "/gone" } })).status).toBe(1);
  expect((await say(["where"], { findProject })).status).toBe(1);
});

test("where no project is found, where says what every rule says", async () => {
  const findProject = async () => {
    throw new KaizenError("NO_PROJECT", "No folder is a project.", { hint: "Give --root." });
  };
  const environment = { KAIZEN_PROJECT_ROOT: "https://example.org" };
  const missing = { ...machine, kindOf: () => "missing" as const };
  const { status, stdout } = await say(["where"], { findProject, environment, machine: missing });
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: [
      "No folder is a project. Give --root.",
      "",
      "  rule                                 chooses",
      "  --root                               nothing",
      '  KAIZEN_PROJECT_ROOT                  KAIZEN_PROJECT_ROOT is "https://example.org": only paths and file:// URIs ' +
        "name a folder.",
      "  CLAUDE_PROJECT_DIR                   nothing",
      "  nearest folder upwards with .kaizen  nothing",
      "  nearest folder upwards with .git     nothing",
      "",
    ].join("\n"),
  });
});

test("a terminal is given our own colours, and nothing else that steers it", async () => {
  let shown = "";
  const write = async (text: string) => {
    shown += text;
  };
  const kindOf = () => "missing" as const;
  await say(["where"], {
    environment: { CLAUDE_PROJECT_DIR: "/a" },
    machine: { ...machine, kindOf },
    stdout: { isTerminal: true, columns: 100, write },
    findProject: async () => {
      throw new KaizenError("NO_PROJECT", "It is \u001b[2J\u001b]0;t\u0007\u009b2J\u202e.");
    },
  });
  expect(shown.split("\n")[0]).toBe("It is ?[2J?]0;t??2J?.");
  expect(shown).toContain("\u001b[1m");
});
