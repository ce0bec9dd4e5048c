import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine, ProjectRoot } from "../../project-root.ts";

/** Where a project's own configuration of a client may name us. */
const configurations = [
  ".mcp.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".codex/config.toml",
  ".codex/hooks.json",
];

/** Our name, or this command: a program may stand in a folder of any name. */
const namesOfOurs = ["kaizen-metrics", "subagent-start", "subagent-stop"];

/** Rules by which somebody has named the project to us, and not only to the client. */
const namedToUs: readonly string[] = ["--root", "KAIZEN_PROJECT_ROOT"];

/**
 * Whether hooks may keep anything of this project. Hooks may be installed for a user, and then run in every folder that
 * the client is opened in: only a project that has a store, that names us in its configuration, or that was named to us
 * gets a folder of ours.
 */
export function takesPart(project: ProjectRoot, machine: Machine): boolean {
  if (hasStore(project, machine) || namedToUs.includes(project.rule)) return true;
  return configurations.some((name) => {
    const path = join(project.path, name);
    return machine.kindOf(path) === "file" && namesUs(path);
  });
}

export function hasStore(project: ProjectRoot, machine: Machine): boolean {
  return machine.kindOf(join(project.path, ".kaizen")) === "folder";
}

function namesUs(path: string): boolean {
  try {
    const text = readFileSync(path, "utf8");
    return namesOfOurs.some((name) => text.includes(name));
  } catch {
    return false;
  }
}
