import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { withFileErrors } from "./config-file.ts";
import type { EditRequest } from "./edit.ts";
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
  const make = () => void mkdirSync(path);
  const remove = () => rmdirSync(path);
  if (mode === "add") {
    return existsSync(path) || existsSync(join(project, ".git")) ? [] : [mark(project, "create", make, remove)];
  }
  if (!isEmptyFolder(path)) return [];
  return [isShared() ? stayingMark(project) : mark(project, "delete", remove, make)];
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
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

function mark(project: string, action: "create" | "delete", change: () => void, takeBack: () => void): PlannedFile {
  const path = join(project, MARK);
  return {
    file: `${MARK}/`,
    path,
    target: path,
    action,
    parts: [{ what: WHAT, did: action === "create" ? "added" : "removed" }],
    diff: "",
    expectPossible: () =>
      withFileErrors(path, action === "create" ? "made" : "removed", () =>
        accessSync(project, constants.W_OK | constants.X_OK),
      ),
    carryOut() {
      withFileErrors(path, action === "create" ? "made" : "removed", change);
      return takeBack;
    },
  };
}
