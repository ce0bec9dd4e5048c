import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hookRunBy, shellWords } from "../../src/cli/clients/entry/hook-command.ts";
import { hookLine } from "../../src/cli/clients/entry/hooks.ts";
import type { Launch } from "../../src/cli/clients/entry/launch.ts";
import { temporaryFolder } from "../support/places.ts";

// A line is written once and read by whatever shell a client has. What `sh` makes of it is seen here, what cmd, PowerShell
// and Git Bash do is by their rules.

const posix = { windows: false, flags: ["--retention-days", "30"] };
const variable = "CLAUDE_PROJECT_DIR";

/** A program that says what it was called with, in a folder of that name. */
function programIn(folder: string): string {
  const path = join(folder, "dist", "main.js");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "console.log(JSON.stringify(process.argv.slice(1)));");
  return path;
}

const bySh = (line: string, env: Record<string, string> = {}, cwd = "/") =>
  spawnSync("/bin/sh", ["-c", line], { cwd, env: { PATH: process.env.PATH, ...env }, encoding: "utf8" });

const NAMES = [
  "a b",
  "it's",
  'a"b',
  "$(touch x)",
  "`touch x`",
  "a\\b",
  "a;touch x",
  "a&b|c>d",
  "*~#!",
  "-e",
  "é😀",
  "a\nb",
];

test.each(NAMES)(
  "a program in a folder named %j is started with the hook and its flags, and nothing else is",
  (name) => {
    const folder = join(temporaryFolder(), name);
    const path = programIn(folder);
    const line = hookLine({ kind: "file", path }, "subagent-start", posix);
    const { stdout } = bySh(line, {}, folder);
    expect(JSON.parse(stdout)).toEqual([path, "hook", "subagent-start", "--retention-days", "30"]);
    expect(hookRunBy({ type: "command", command: line })).toBe("subagent-start");
  },
);

test("a program in the project's node_modules is found by the client's variable, from any folder and in any project", () => {
  const launch = { kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" } as const;
  const line = hookLine(launch, "stop", { ...posix, project: { variable, path: "/not/looked/at" } });
  expect(line).toBe(`node "\${CLAUDE_PROJECT_DIR:?}"/${launch.path} hook stop --retention-days 30`);
  for (const name of NAMES) {
    const project = join(temporaryFolder(), name);
    const path = programIn(join(project, "node_modules", "kaizen-metrics"));
    expect(JSON.parse(bySh(line, { [variable]: project }).stdout)[0]).toBe(path);
  }
  // Without the variable it would be a folder at the top, in which another user may have put anything.
  for (const env of [{}, { [variable]: "" }]) {
    const { status, stderr, stdout } = bySh(line, env);
    expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: "" });
    expect(stderr).toContain(variable);
  }
  expect(hookRunBy({ type: "command", command: line })).toBe("stop");
});

test("a client without a variable starts the program from the project's folder", () => {
  const launch = { kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" } as const;
  expect(hookLine(launch, "stop", { windows: false, flags: ["--root", "."] })).toBe(
    `node ${launch.path} hook stop --root .`,
  );
  expect(hookLine(launch, "stop", { windows: true, flags: [] })).toBe(`node ${launch.path} hook stop`);
  expect(hookLine({ kind: "npx", packageSpec: "kaizen-metrics@1.2.3" }, "stop", posix)).toBe(
    "npx -y kaizen-metrics@1.2.3 hook stop --retention-days 30",
  );
});

/** What each shell of Windows makes of a word, as far as our lines have any: quotes group, and Git Bash eats backslashes. */
test("on Windows a line has no sign that cmd, PowerShell and Git Bash read differently", () => {
  const line = (launch: Launch, path = "C:\\Users\\J Doe\\door") =>
    hookLine(launch, "stop", { windows: true, flags: [], project: { variable, path } });
  expect(line({ kind: "file", path: "C:\\Program Files\\kaizen-metrics\\dist\\main.js" })).toBe(
    'node "C:/Program Files/kaizen-metrics/dist/main.js" hook stop',
  );
  // No variable: which shell reads the line depends on what is installed.
  expect(line({ kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" })).toBe(
    'node "C:/Users/J Doe/door/node_modules/kaizen-metrics/dist/main.js" hook stop',
  );
  const folder = fc.string({ unit: fc.constantFrom(..."aé \\-_.,;=&()@#'[]{}+~"), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(folder, (name) => {
      const path = `C:\\${name}\\dist\\main.js`;
      const written = line({ kind: "file", path });
      const [, word = "", bare = ""] = /^node (?:"([^"]*)"|(\S+)) hook stop$/.exec(written) ?? [];
      const program = word || bare;
      expect(program).toBe(path.replaceAll("\\", "/"));
      expect(program).not.toMatch(/[\\$`%!^"]/);
      // In the shell that Claude Code prefers there.
      const [read] = execFileSync("/bin/sh", ["-c", `printf '%s\\n' ${written}`], { encoding: "utf8" })
        .split("\n")
        .slice(1);
      expect(read).toBe(program);
      expect(shellWords(written)[1]).toBe(program);
    }),
    { numRuns: 40 },
  );
  expect(() => line({ kind: "file", path: "C:\\$(calc)\\dist\\main.js" })).toThrow(
    "which cmd or PowerShell would act on",
  );
});
