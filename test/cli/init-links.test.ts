import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

// A clone may hold a link in any place. What init writes stays in the project's own folder.

/** A project beside files of the same user that are no part of it. */
function clone(): { home: string; project: string } {
  const home = temporaryFolder();
  const project = join(home, "clone");
  mkdirSync(join(project, ".git"), { recursive: true });
  return { home, project };
}

function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

function init(project: string, client: string, ...flags: string[]) {
  return runCommandHere(["init", "--client", client, ...flags], { root: project });
}

const folders = [
  ["claude-code", ".claude"],
  ["codex", ".codex"],
  ["cursor", ".cursor"],
  ["vscode", ".vscode"],
  ["gemini", ".gemini"],
  ["copilot", ".github"],
  ["opencode", ".opencode"],
  ["zed", ".zed"],
  ["cursor", ".kaizen"],
  ["cursor", ".kaizen/metrics"],
] as const;
const files = [
  ["cursor", ".gitattributes"],
  ["claude-code", ".mcp.json"],
  ["claude-code", ".claude/settings.json"],
  ["codex", ".codex/hooks.json"],
] as const;

describe.each([...folders, ...files])("init --client %s where %s is a link out of the project", (client, name) => {
  test("is refused, with the link and what it leads to, also by force and for show", async () => {
    const { home, project } = clone();
    const outside = join(home, "mine", "of the user");
    mkdirSync(dirname(outside), { recursive: true });
    if (folders.some(([, folder]) => folder === name)) mkdirSync(outside);
    else writeFileSync(outside, "{}\n");
    const link = join(project, name);
    mkdirSync(dirname(link), { recursive: true });
    // As a clone has it: from the folder that the link is in.
    symlinkSync(join(name.includes("/") ? "../.." : "..", "mine/of the user"), link);
    const before = contentOf(home);
    for (const flags of [[], ["--force"], ["--dry-run"]]) {
      const ran = await init(project, client, ...flags, "--json");
      expect(ran).toMatchObject({ status: 1, stdout: "" });
      const { code, message } = JSON.parse(ran.stderr).error;
      expect(code).toBe("UNSAFE_PATH");
      expect(message).toContain(`${link} is a symbolic link to ${outside}, which is outside of ${project}`);
      expect(contentOf(home)).toEqual(before);
    }
    await init(project, client, "--remove", "--force");
    expect(contentOf(home)).toEqual(before);
  });
});

test("a link through another one, by a folder above, or to a file that is not there yet leads out all the same", async () => {
  const { home, project } = clone();
  mkdirSync(join(home, "mine"));
  symlinkSync("second", join(project, ".cursor"));
  symlinkSync("../mine", join(project, "second"));
  expect((await init(project, "cursor")).stderr).toContain(`${project}/.cursor is a symbolic link to ${home}/mine`);
  symlinkSync("../.bashrc", join(project, ".gitattributes"));
  const { status, stderr } = await init(project, "vscode");
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(".gitattributes is a symbolic link that leads nowhere (../.bashrc)"),
  });
  expect(contentOf(home)).toEqual({});
});

test("a link that stays in the project is followed, but not to what git or the store reads", async () => {
  const { project } = clone();
  mkdirSync(join(project, "config"));
  symlinkSync("config", join(project, ".cursor"));
  symlinkSync(join(project, "config", "attributes"), join(project, ".gitattributes"));
  writeFileSync(join(project, "config", "attributes"), "* text\n");
  const ran = await init(project, "cursor");
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout).toContain(`.cursor/mcp.json -> ${project}/config/mcp.json`);
  expect(readdirSync(join(project, "config")).sort()).toEqual(["attributes", "hooks.json", "mcp.json"]);
  expect(await init(project, "cursor", "--remove")).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(join(project, "config"))).toEqual(["attributes"]);
  writeFileSync(join(project, ".git", "config"), "");
  renameSync(join(project, ".gitattributes"), join(project, "elsewhere"));
  symlinkSync(".git/config", join(project, ".gitattributes"));
  expect((await init(project, "cursor", "--force")).stderr).toContain(".git/config, which is not for others to write");
});
