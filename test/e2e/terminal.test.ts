import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle, ServerProcess } from "../support/server-process.ts";

// `script` of util-linux gives a program a terminal; elsewhere the text is tested without one.
const script = "/usr/bin/script";
const onLinux = test.runIf(process.platform === "linux" && existsSync(script));

/** Everything that a terminal would show, with the exit status. */
async function shownBy(
  command: string,
  env: Record<string, string> = {},
  columns = 80,
): Promise<{ status: unknown; text: string }> {
  const line = `stty cols ${columns}; ${process.execPath} ${bundle} ${command}`;
  const terminal = new ServerProcess({
    command: script,
    args: ["-qec", line, "/dev/null"],
    env: { TERM: "xterm", ...env },
  });
  const status = await terminal.exited;
  return { status, text: terminal.lines.join("\n").replaceAll("\r", "") };
}

onLinux.each(["serve --root", "--root"])(
  "a person who starts %s on a terminal reads what it is, where the files are, and what to paste into a client",
  async (form) => {
    const root = temporaryFolder();
    const command = `${process.execPath} ${bundle} ${form} ${root} > /dev/null`;
    const terminal = new ServerProcess({ command: script, args: ["-qec", command, "/dev/null"] });
    const shown = () => terminal.lines.join("\n");
    // The terminal shows stderr where `script` writes: on its own stdout. Ctrl-D is the end of input.
    while (!shown().includes("--help")) await new Promise((resolve) => terminal.child.stdout.once("data", resolve));
    terminal.write("\u0004");
    expect(await terminal.exited).toBe(0);
    expect(shown()).toContain("is a server for MCP clients");
    expect(shown()).toContain(`${root}/.kaizen/metrics`);
    expect(shown()).toContain(`claude mcp add kaizen-metrics -- node ${bundle} --root ${root}`);
  },
);

onLinux.each([80, 46])("a person who types nothing else gets the overview (%i columns)", async (columns) => {
  const { status, text } = await shownBy("2> /dev/null", {}, columns);
  expect(status).toBe(0);
  expect(text).toContain("Usage: kaizen-metrics COMMAND [ARGUMENTS]");
  expect(text).toContain(`  \u001b[1msummary\u001b[22m${columns === 80 ? "  " : "\n"}`);
});

onLinux("a page of the manual is as readable on a terminal as in a pipe", async () => {
  const { status, text } = await shownBy("help glossary");
  expect(status).toBe(0);
  const words = (page: string) => page.trim().split(/\s+/);
  expect(words(text)).toEqual(words((await runCommand(["help", "glossary"])).stdout));
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

onLinux("a diff on a terminal shows what stands there, and nothing that steers it", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, ".gitattributes"), "# a\u202e\u0007b\n");
  const { text } = await shownBy(`init --client cursor --share --dry-run --root ${root}`, { NO_COLOR: "1" });
  expect(text).toContain("\n # a??b\n+.kaizen/");
  const piped = await runCommand(["init", "--client", "cursor", "--share", "--dry-run"], { root });
  expect(piped.stdout).toContain("# a\u202e\u0007b");
});

onLinux("a terminal gets colours, unless they are not wanted, and no line that is wider than it", async () => {
  const root = temporaryFolder();
  const notes = "words ".repeat(30);
  const args = ["record", "reviewer", "--failure", "--task", "review", "--notes", notes];
  expect((await runCommand(args, { root })).status).toBe(0);
  const [coloured, plain] = await Promise.all([
    shownBy(`executions reviewer --root ${root}`),
    shownBy(`executions reviewer --root ${root}`, { NO_COLOR: "1" }),
  ]);
  expect(coloured.text).toContain("\u001b[31mfailure\u001b[39m");
  const lines = plain.text.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^ended +outcome +task +id$/);
  expect(lines[1]).toMatch(/^2\d{3}-\S+ +failure +review +run_\w+$/);
  // All of it stands below the run: nothing is cut.
  for (const line of lines.slice(2)) expect(line).toMatch(/^ {2}words/);
  expect(lines.slice(2).join(" ").trim().split(/ +/)).toEqual(notes.trim().split(" "));
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect((await runCommand(["executions", "reviewer"], { root })).stdout).toContain(notes.trim());
});

/** What a person sees who picks a run to verify, and presses one key for each question. */
async function picked(root: string, flag: string, keys: readonly string[]): Promise<{ status: unknown; text: string }> {
  const line = `${process.execPath} ${bundle} verify --pick ${flag} --root ${root}; echo "status $?"; stty -a`;
  const terminal = new ServerProcess({ command: script, args: ["-qec", line, "/dev/null"], env: { TERM: "xterm" } });
  let shown = "";
  terminal.child.stdout.on("data", (text: Buffer | string) => {
    shown += String(text);
  });
  const questions = ["Which one?", "Did it reach its goal?"];
  for (const [index, key] of keys.entries()) {
    const question = questions[index] ?? "";
    while (!shown.includes(question)) await new Promise((resolve) => terminal.child.stdout.once("data", resolve));
    terminal.write(key);
  }
  const status = await terminal.exited;
  return { status, text: shown.replaceAll("\r", "") };
}

onLinux(
  "a person picks an undecided run by one key, and any other key leaves all as it is",
  async () => {
    const root = temporaryFolder();
    for (const task of ["old", "new"]) {
      await runCommand(["record", "coder", "--success", "--task", task, "--idempotency-key", task], { root });
    }
    for (const key of ["q", "\u001b", "\u0003", "3", "\u001b[A"]) {
      const { text } = await picked(root, "--failure", [key]);
      expect(text).toContain("Nothing was verified.\nstatus 0\n");
      // The terminal is as it was: it shows what is typed, and Ctrl-C ends a program.
      expect(text).toMatch(/[^-]icanon[\s\S]* echo /);
    }
    const { text } = await picked(root, "--failure", ["2"]);
    expect(text).toMatch(
      / {2}1 {2}run_\w+ of "coder", .*\s+`new`\n {2}2 {2}run_\w+ of "coder", .*\s+`old`\nWhich one\? 1 to 2,/,
    );
    expect(text).toMatch(/is a failure now; the agent had reported a success\.\n/);
    const { stdout } = await runCommand(["executions", "coder", "--json"], { root });
    const { executions, verifications } = JSON.parse(stdout);
    expect(verifications).toEqual({ [executions[1].id]: [{ verified_by: "human", success: false, via: "cli" }] });
    // Without a flag a second key says the outcome.
    expect((await picked(root, "", ["1", "q"])).text).toContain("Nothing was verified.\nstatus 0\n");
    const said = await picked(root, "", ["1", "y"]);
    expect(said.text).toMatch(/Did it reach its goal\? y or n, .*\n[\s\S]*`new`\n[\s\S]* is a success/);
    expect(said.text).toMatch(/status 0\n[\s\S]*[^-]icanon/);
  },
  60_000,
);
