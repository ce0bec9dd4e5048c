import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands/index.ts";
import { agentsTable } from "../../src/cli/reports/agents-table.ts";
import { styleFor } from "../../src/cli/terminal/style.ts";
import { displayWidth } from "../../src/cli/terminal/text-width.ts";
import { projectKaizen } from "../dashboard/served.ts";
import { writeDemoProject } from "../readme/demo-project.ts";
import { cleanEnvironment } from "../support/command.ts";
import { runCommandHere } from "../support/command-here.ts";
import { bundle } from "../support/server-process.ts";

// What is wider than the terminal is wrapped by it, in the middle of a word or a bar.

const place = realpathSync(mkdtempSync(join(tmpdir(), "kaizen-widths-")));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const root = join(place, "p");
const env = { KAIZEN_RETENTION_DAYS: "0", NO_COLOR: "1", HOME: place };

beforeAll(async () => {
  mkdirSync(join(root, ".git"), { recursive: true });
  await writeDemoProject(root);
});

const run = "run_0b918943df0962bc7a18";
const lines: (string | readonly [line: string, typed: string])[] = [
  // The longest verdict beside a name as long as most.
  "record doc-reviewer --success --task review",
  "summary",
  "summary test-writer",
  "summary --since 2026-11-21",
  "summary nobody",
  "summary --holdout",
  "agents --sort name",
  "agents --sort best",
  "runs",
  "runs test-writer --failure",
  "runs nobody",
  "executions test-writer",
  `show ${run}`,
  "show rec_d59eced1ded07f84c145",
  "show x",
  "recommendations",
  "recommendations --status adopted",
  "recommendations take rec_d59eced1ded07f84c145",
  `verify test-writer ${run} --failure --by tests`,
  "verify test-writer",
  ["verify --pick --success", "1"],
  "verify --last --failure --by human",
  `void ${run} --reason typo`,
  `void ${run} --undo`,
  "void x",
  "status",
  ["agents merge test-writer code-reviewer", "n"],
  ["agents remove test-writer", "n"],
  "agents remove test-writer",
  "record test-writer --success",
  "where",
  "trust",
  ["trust", "n"],
  "doctor",
  "prune test-writer --dry-run",
  "prune --all",
  "analysis",
  "ci",
  "backfill --dry-run",
  "export --format otlp",
  "import /nowhere",
  "init",
  "init --client claude-code",
  "init --client claude-code",
  "init --remove --client claude-code",
  "sumary",
  "--help",
];

test.each([40, 60, 80, 120])("no command has a line that is wider than a terminal of %d columns", async (columns) => {
  const copy = join(place, String(columns));
  cpSync(root, copy, { recursive: true });
  const wide: object[] = [];
  const helps = (await allCommands()).map(({ name }) => `help ${name}`);
  for (const line of [...lines, ...helps]) {
    const [args, typed] = typeof line === "string" ? [line] : line;
    const { stderr, stdout } = await runCommandHere(args.split(" "), {
      cwd: copy,
      env,
      columns,
      ...(typed === undefined ? {} : { typed }),
    });
    // Progress takes its own line off again.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal takes for a command
    const lasting = `${stdout}\n${stderr}`.replaceAll(/\r.*?\u001b\[K/g, "");
    // Who answers a question ends its line.
    const said = lasting.replaceAll("[y/N] ", "[y/N]\n").split("\n");
    for (const text of said) if (displayWidth(text) > columns) wide.push({ line, text });
  }
  expect(wide).toEqual([]);
});

test("a long name leaves room for a million runs and the longest verdict", async () => {
  const kaizen = projectKaizen(realpathSync(mkdtempSync(join(place, "many-"))));
  for (const agent of ["code-reviewer", "doc-reviewer"]) await kaizen.record({ agent, success: true });
  const { agents } = await kaizen.readAgents();
  const many = agents.map((one) => ({ ...one, summary: { ...one.summary, execution_count: 1_000_000 } }));
  const shown = agentsTable(many, styleFor({ isTerminal: true, columns: 40 }, { NO_COLOR: "1" }));
  const [titles = "", first = ""] = shown.split("\n");
  expect([titles.split(/ +/), displayWidth(first)]).toEqual([["agent", "runs", "success", "verdict"], 40]);
  expect(first).toMatch(/^code-re… +1000000 +100\.0% +too few runs$/);
});

/** What a command says at a real terminal. */
function typedAt(columns: number, line: string): string {
  return execFileSync("script", ["-qec", `stty cols ${columns}; ${line}`, "/dev/null"], {
    cwd: root,
    env: cleanEnvironment(env),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const widthsOf = (shown: string) => shown.split(/\r?\n/).map(displayWidth);

test.skipIf(process.platform !== "linux")("a real terminal says how wide it is", () => {
  const shown = typedAt(60, `exec "${process.execPath}" "${bundle}" summary`);
  expect(Math.max(...widthsOf(shown))).toBeLessThanOrEqual(60);
  expect(shown).toContain("test-writer");
  // It ends its process in time, and so is given one of its own.
  const line = typedAt(40, `echo '{}' | "${process.execPath}" "${bundle}" statusline`);
  expect(line).toMatch(/^kaizen: /);
  expect(Math.max(...widthsOf(line))).toBeLessThanOrEqual(40);
});
