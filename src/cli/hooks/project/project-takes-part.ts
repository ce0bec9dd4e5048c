import { join } from "node:path";
import type { Machine, ProjectRoot } from "../../../project-root.ts";

/** Rules by which a person has named the project to us, and not only to the client. */
const namedToUs: readonly string[] = ["--root", "KAIZEN_PROJECT_ROOT"];

/**
 * Whether hooks may keep anything of this project. Hooks may be installed for a user, and then run in every folder that
 * the client is opened in: only a project that has a store, whose configuration starts us, or that was named to us gets
 * a folder of ours.
 */
export async function takesPart(project: ProjectRoot, machine: Machine): Promise<boolean> {
  if (hasStore(project, machine) || namedToUs.includes(project.rule)) return true;
  // Reading a client's files takes code of its own, which a project with a store does not need.
  const { isConfigured } = await import("./project-configuration.ts");
  return isConfigured(project.path);
}

export function hasStore(project: ProjectRoot, machine: Machine): boolean {
  return machine.kindOf(join(project.path, ".kaizen")) === "folder";
}
