import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse as parseJson } from "jsonc-parser";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "vitest";
import { clients } from "../../src/cli/clients/index.ts";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";
import { bundle } from "../support/server-process.ts";

const fixtures = fileURLToPath(new URL("../fixtures/clients", import.meta.url));
const names = clients.filter(({ paste }) => paste === undefined).map(({ name }) => name);

/** A project that has been worked in with a client for a while. */
function usedProject(client: string): string {
  const project = temporaryFolder();
  cpSync(join(fixtures, client), project, { recursive: true });
  cpSync(join(fixtures, "gitattributes"), join(project, ".gitattributes"));
  return project;
}

/** Every file of a project with its content; a link as what it leads to. */
function contentOf(project: string): Record<string, string> {
  const entries = readdirSync(project, { recursive: true, encoding: "utf8", withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const content = entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, "utf8");
        return [path.slice(project.length + 1), content];
      }),
  );
}

function initialise(project: string, client: string, ...flags: string[]) {
  return runCommandHere(["init", "--client", client, ...flags], { root: project });
}

/** What a file says, whatever its form. */
function meaningOf(file: string, text: string | undefined): unknown {
  if (text === undefined) return {};
  if (file.endsWith(".toml")) return parseToml(text);
  if (!/\.jsonc?$/.test(file)) return text.split(/\r?\n/);
  const errors: unknown[] = [];
  const value = parseJson(text, errors as never, { allowTrailingComma: true });
  expect(errors).toEqual([]);
  return value;
}

describe.each(names)("init --client %s", (client) => {
  test("in a project with a configuration adds, changes nothing the second time, and takes out to the byte", async () => {
    const project = usedProject(client);
    const before = contentOf(project);

    const dry = await initialise(project, client, "--dry-run");
    expect(dry).toMatchObject({ status: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);

    const first = await initialise(project, client);
    expect(first).toMatchObject({ status: 0, stderr: "" });
    const after = contentOf(project);
    for (const [file, text] of Object.entries(before))
      expect(meaningOf(file, after[file])).toMatchObject(expectedIn(file, text));
    expect(after).not.toEqual(before);

    // What was shown is what was done.
    const patched = usedProject(client);
    const patch = dry.stdout.slice(dry.stdout.indexOf("--- "));
    execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: patched, input: patch });
    expect(contentOf(patched)).toEqual(after);

    const second = await initialise(project, client);
    expect(second.stdout).toContain("Everything was there already.");
    expect(contentOf(project)).toEqual(after);

    expect(await initialise(project, client, "--remove")).toMatchObject({ status: 0, stderr: "" });
    expect(contentOf(project)).toEqual(before);
  });
});

/** Everything that was there is there still; lists of hooks and lines may have grown. */
function expectedIn(file: string, text: string): object {
  const meaning = meaningOf(file, text);
  const grown = (value: unknown): unknown =>
    Array.isArray(value) && value.some((item) => typeof item === "object" || file === ".gitattributes")
      ? expect.arrayContaining(value.map(grown))
      : typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, item]) => !(Array.isArray(item) && item.length === 0))
              .map(([key, item]) => [key, grown(item)]),
          )
        : value;
  return grown(meaning) as object;
}

test.each(names)(
  "init --client %s in a new project makes what is needed, and --remove leaves nothing behind",
  async (client) => {
    const project = temporaryFolder();
    const { stdout } = await runCommandHere(["init", "--client", client], { cwd: project });
    expect(stdout).toContain(project);
    expect(Object.keys(contentOf(project)).length).toBeGreaterThan(0);
    await runCommandHere(["init", "--client", client, "--remove"], { cwd: project });
    expect(readdirSync(project)).toEqual([]);
  },
);

test("a file that cannot be read is refused with the place and what to put into it by hand, and no file is touched", async () => {
  const project = temporaryFolder();
  writeFileSync(join(project, ".mcp.json"), '{\n  "mcpServers": {,}\n}\n');
  const before = contentOf(project);
  const ran = await initialise(project, "claude-code", "--json");
  expect(ran).toMatchObject({ status: 1, stdout: "" });
  const { error } = JSON.parse(ran.stderr);
  expect(error.code).toBe("CLIENT_CONFIG");
  expect(error.message).toBe(
    `${join(project, ".mcp.json")} is left as it is: not valid JSON at line 2, column 18 (value expected).`,
  );
  expect(JSON.parse(error.hint.split("by hand:\n")[1])).toEqual({
    mcpServers: { "kaizen-metrics": { command: "node", args: [bundle] } },
  });
  expect(contentOf(project)).toEqual(before);
});

test("an entry of an earlier place is brought up to date, with what a person has added to it", async () => {
  const project = temporaryFolder();
  const old = `{
  "mcpServers": {
    "kaizen-metrics": {
      "command": "/usr/bin/node",
      "args": ["/gone/dist/main.js", "--root", "/gone", "--retention-days", "30"],
      "env": { "KAIZEN_PROJECT_ROOT": "/elsewhere" } // mine
    }
  }
}
`;
  mkdirSync(join(project, ".cursor"));
  writeFileSync(join(project, ".cursor/mcp.json"), old);
  const dry = await initialise(project, "cursor", "--dry-run");
  expect(dry.stdout).toContain('+      "command": "node",\n');
  const json = await initialise(project, "cursor", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    clients: ["cursor"],
    changed: true,
    files: [
      { path: ".cursor/mcp.json", action: "change", parts: [{ did: "updated" }] },
      { path: ".cursor/hooks.json", action: "create", parts: [{ did: "added" }] },
    ],
    folders: [{ path: ".kaizen/", action: "create" }],
  });
  expect(readFileSync(join(project, ".cursor/mcp.json"), "utf8")).toBe(
    old
      .replace("/usr/bin/node", "node")
      .replace("/gone/dist/main.js", bundle)
      .replace('"/gone"', '"$' + '{workspaceFolder}"'),
  );
});

test("a symbolic link stays one, and the file behind it keeps its mode, mark and line breaks", async () => {
  const project = temporaryFolder();
  const elsewhere = join(project, "config");
  mkdirSync(elsewhere);
  const file = join(elsewhere, "cursor-mcp.json");
  const before = '\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"a": { "command": "a" }\r\n\t}\r\n}\r\n';
  writeFileSync(file, before);
  // With a bit that new files do not get by themselves.
  chmodSync(file, 0o662);
  mkdirSync(join(project, ".cursor"));
  symlinkSync(file, join(project, ".cursor/mcp.json"));
  const { stdout } = await initialise(project, "cursor");
  expect(stdout).toContain(`.cursor/mcp.json -> ${file}`);
  expect(lstatSync(join(project, ".cursor/mcp.json")).isSymbolicLink()).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o662);
  const after = readFileSync(file, "utf8");
  expect(after.startsWith("\uFEFF{\r\n")).toBe(true);
  expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  expect(readdirSync(elsewhere)).toEqual(["cursor-mcp.json"]);
  await initialise(project, "cursor", "--remove");
  expect(readFileSync(file, "utf8")).toBe(before);
});

test("a name that is none is answered with the nearest one", async () => {
  const project = temporaryFolder();
  const typo = await runCommandHere(["init", "--client", "claudecode"], { root: project });
  expect(typo).toMatchObject({ status: 2 });
  expect(typo.stderr).toContain('did you mean "claude-code"?');
});

test("the home folder is no project because somebody stands in it", async () => {
  const home = temporaryFolder();
  const ran = await runCommandHere(["init", "--client", "cursor"], { cwd: home, env: { HOME: home } });
  expect(ran).toMatchObject({ status: 1, stdout: "" });
  expect(readdirSync(home)).toEqual([]);
});

test("in a folder that nothing marks as a project, init is followed by commands that find it", async () => {
  const project = temporaryFolder();
  const inside = { cwd: project, env: { HOME: temporaryFolder() } };
  const run = (...args: string[]) => runCommandHere(args, inside);
  expect(await run("init", "--client", "claude-code")).toMatchObject({ status: 0 });
  expect(await run("summary")).toMatchObject({ status: 0, stderr: "" });
  const removed = await run("init", "--client", "claude-code", "--remove");
  expect(removed).toMatchObject({ status: 0, stdout: expect.stringMatching(/\n\nStart Claude Code anew\.\n$/) });
  expect(readdirSync(project)).toEqual([]);
});

test("what marks a folder as a project goes with the last of its clients", async () => {
  const project = temporaryFolder();
  const inside = { cwd: project, env: { HOME: temporaryFolder() } };
  const run = (...args: string[]) => runCommandHere(["init", "--client", ...args], inside);
  await run("claude-code");
  await run("cursor");
  const first = await run("claude-code", "--remove");
  expect(first.stdout).toMatch(
    /^ {2}as it was {2}\.kaizen\/ +mark of a project: stays, for the project's other clients$/m,
  );
  expect(await runCommandHere(["summary"], inside)).toMatchObject({ status: 0, stderr: "" });
  const last = await run("cursor", "--remove");
  expect(last.stdout).toContain("  deleted  .kaizen/            mark of a project: taken out\n");
  expect(readdirSync(project)).toEqual([]);
  mkdirSync(join(project, ".kaizen", "metrics"), { recursive: true });
  await run("cursor");
  const kept = await run("cursor", "--remove");
  expect(kept.stdout).toContain("\nStart Cursor anew. What was recorded stays in .kaizen/metrics.\n");
});

describe("the commands that a person types in Claude Code", () => {
  const paths = ["good", "bad"].map((name) => `.claude/commands/kaizen-metrics/${name}.md`);
  const init = (root: string, ...more: readonly string[]) =>
    runCommandHere(["init", "--client", "claude-code", ...more], { root });

  test("are for no agent, and what is typed stands in no line for a shell", async () => {
    const root = temporaryFolder();
    expect((await init(root, "--dry-run")).stdout).toContain("command /kaizen-metrics:good: added");
    expect(readdirSync(root)).toEqual([]);
    await init(root);
    for (const path of paths) {
      const text = readFileSync(join(root, path), "utf8");
      expect(text).toMatch(/^---\n(?:.+\n)*disable-model-invocation: true\n---\n/);
      expect(text).not.toMatch(/\$ARGUMENTS|\$\d|!`/);
    }
    expect(await init(root)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("Everything was there already"),
    });
    await init(root, "--remove");
    expect(readdirSync(root)).toEqual([".kaizen"].filter((name) => readdirSync(root).includes(name)));
    await init(root, "--no-hooks");
    expect(readdirSync(root)).not.toContain(".claude");
  });

  test("take no file of a person's away, and leave what stands beside them", async () => {
    const root = temporaryFolder();
    const [good = "", bad = ""] = paths;
    mkdirSync(join(root, ".claude/commands/kaizen-metrics"), { recursive: true });
    writeFileSync(join(root, good), "mine\n");
    const { status, stderr } = await init(root);
    expect([status, stderr]).toEqual([1, expect.stringContaining("good.md is left as it is: it is there already")]);
    expect(readdirSync(root)).toEqual([".claude"]);
    await init(root, "--force");
    // Git may give the lines other ends.
    writeFileSync(join(root, good), readFileSync(join(root, good), "utf8").replaceAll("\n", "\r\n"));
    writeFileSync(join(root, bad), "mine\n");
    writeFileSync(join(root, ".claude/commands/other.md"), "other\n");
    expect((await init(root, "--remove")).stdout).toContain("command /kaizen-metrics:bad: stays, it is not ours");
    expect(contentOf(join(root, ".claude"))).toEqual({
      "commands/kaizen-metrics/bad.md": "mine\n",
      "commands/other.md": "other\n",
    });
  });
});
