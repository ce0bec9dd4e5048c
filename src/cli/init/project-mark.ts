import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { EditRequest } from "../clients/entry/edit.ts";
import { withFileErrors } from "../clients/files/config-file.ts";
import type { OpenFolder } from "../input/open-folder.ts";
import { placeBelow, type RealFolder, realFolder, withFolder } from "../input/real-folder.ts";
import type { PlannedFile } from "./plan.ts";

const MARK = ".kaizen";
const WHAT = "mark of a project";

interface MarkRequest {
  readonly mode: EditRequest["mode"];
  /** Whether other clients of the project are set up, which find it by the mark as well. */
  readonly isShared: () => boolean;
}

/**
 * Where nothing else says that a folder is a project, an empty `.kaizen` does from now on: every later command finds it
 * by that. It goes again with the last client, as long as nothing was recorded.
 */
export function markProject(project: string, { isShared, mode }: MarkRequest): PlannedFile[] {
  const path = join(project, MARK);
  const root = realFolder(project);
  const make = (folder: OpenFolder) => folder.makeFolder(MARK);
  const remove = (folder: OpenFolder) => folder.removeFolder(MARK);
  if (mode === "add") {
    // Nothing is written there now, but the server and the hooks are going to.
    withFileErrors(path, "looked at", () => placeBelow(root, [MARK, "metrics"]));
    return existsSync(path) || existsSync(join(project, ".git")) ? [] : [mark(root, path, "create", make, remove)];
  }
  if (!isEmptyFolder(path)) return [];
  return [isShared() ? stayingMark(project) : mark(root, path, "delete", remove, make)];
}

function stayingMark(project: string): PlannedFile {
  const path = join(project, MARK);
  return {
    file: `${MARK}/`,
    path,
    target: path,
    action: "keep",
    parts: [{ what: WHAT, did: "left" }],
    diff: "",
    expectPossible() {},
    carryOut: () => () => {},
  };
}

/** Anything in it was recorded, and stays. */
function isEmptyFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory() && readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

type Change = (folder: OpenFolder) => void;

function mark(root: RealFolder, path: string, action: "create" | "delete", change: Change, back: Change): PlannedFile {
  const inProject = (use: Change) =>
    withFileErrors(path, action === "create" ? "made" : "removed", () => withFolder(root, root.path, {}, use));
  return {
    file: `${MARK}/`,
    path,
    target: path,
    action,
    parts: [{ what: WHAT, did: action === "create" ? "added" : "removed" }],
    diff: "",
    expectPossible: () => inProject((folder) => folder.expectWritable()),
    carryOut() {
      inProject(change);
      return () => inProject(back);
    },
  };
}
