import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { findRepository } from "../../evidence/git/find-repository.ts";
import { LeftOut } from "../../evidence/git/limit.ts";
import { readPlainFile } from "../../evidence/git/plain-file.ts";
import type { Part } from "../clients/client.ts";
import type { Edit, EditRequest } from "../clients/entry/edit.ts";
import { readConfigFile } from "../clients/files/config-file.ts";
import { gitAttributes, gitIgnore, gitKeepsMarker } from "../clients/files/git-files.ts";
import { realFolder } from "../input/real-folder.ts";

const ATTRIBUTES = ".gitattributes";
const IGNORE = ".gitignore";

/** What belongs to no client, but to the project. */
export const filesOfProject: readonly string[] = [ATTRIBUTES, IGNORE];

interface GitRequest extends Pick<EditRequest, "mode"> {
  /** Whether the runs are to be shared by git; otherwise it stays as it is, and a new project keeps them to itself. */
  readonly share?: boolean;
  /** Whether other clients of the project are set up. */
  readonly isForOthers: boolean;
  readonly home?: string | undefined;
}

/** What git is told of `.kaizen`: to leave it out, or, in a project that shares its runs, how to merge them. */
export function gitParts(project: string, { home, isForOthers, mode, share = false }: GitRequest): Part[] {
  const attributes = { file: ATTRIBUTES, edits: [isForOthers ? leftAlone(gitAttributes) : gitAttributes] };
  const ignore = { file: IGNORE, edits: [isForOthers ? leftAlone(gitIgnore) : gitIgnore] };
  const hasOurs = ({ edits: [edit], file }: Part) => edit !== undefined && wouldChange(project, file, edit, "remove");
  if (mode === "remove") return [attributes, ignore].filter(hasOurs);
  const isIgnored = !wouldChange(project, IGNORE, gitIgnore, "add");
  if (share) return [attributes, ...(isIgnored ? [{ file: IGNORE, edits: [takenOut(gitIgnore)] }] : [])];
  if (!wouldChange(project, ATTRIBUTES, gitAttributes, "add")) return [attributes];
  if (isIgnored) return [ignore];
  return !isInGit(project, home) || isTracked(project, home) ? [] : [ignore];
}

/** What git is told in a project whose history is in a team's store: to keep the marker, and nothing else of `.kaizen`. */
export function gitPartsOfStore(project: string, mode: EditRequest["mode"], home: string | undefined): Part[] {
  if (!isInGit(project, home)) return [];
  const edits = [takenOut(gitIgnore), gitKeepsMarker].filter(
    (edit) => edit === gitKeepsMarker || wouldChange(project, IGNORE, gitIgnore, "remove"),
  );
  if (mode === "add") return [{ file: IGNORE, edits }];
  return wouldChange(project, IGNORE, gitKeepsMarker, "remove")
    ? [{ file: IGNORE, edits: [putBack(gitIgnore), gitKeepsMarker] }]
    : [];
}

/** Put in while others are taken out. */
function putBack(edit: Edit): Edit {
  return { ...edit, apply: (text, request) => edit.apply(text, { ...request, mode: "add" }) };
}

/** For a removal: what is there stays, and is named. */
export function leftAlone(edit: Edit): Edit {
  return {
    ...edit,
    apply: (text) => ({
      text,
      did: edit.apply(text, { mode: "remove", force: false }).did === "nothing" ? "nothing" : "left",
    }),
  };
}

/** Taken out while others are put in. What a person has written stays, and is named. */
function takenOut(edit: Edit): Edit {
  const apply: Edit["apply"] = (text, request) => {
    const edited = edit.apply(text, { ...request, mode: "remove" });
    return edited.did === "nothing" ? { text, did: "left" } : edited;
  };
  return { ...edit, apply };
}

function wouldChange(project: string, file: string, edit: Edit, mode: EditRequest["mode"]): boolean {
  const { text } = readConfigFile(realFolder(project), file, join(project, file));
  const { did } = edit.apply(text, { mode, force: false });
  return did !== "nothing";
}

function isInGit(project: string, home: string | undefined): boolean {
  for (let folder = project; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return true;
    if (folder === home || folder === dirname(folder)) return false;
  }
}

const MAX_INDEX_BYTES = 256 * 1024 * 1024;

/**
 * Whether git keeps files of the store already. Its index has their names; git itself, which could run what the
 * repository says, is not asked. What cannot be read counts as kept, so that nothing is changed.
 */
function isTracked(project: string, home: string | undefined): boolean {
  try {
    const { gitDir, worktree } = findRepository(project, home);
    const index = readPlainFile(join(gitDir, "index"), MAX_INDEX_BYTES);
    if (index === undefined) return false;
    const folder = relative(worktree, realpathSync(project)).replaceAll("\\", "/");
    const store = `${folder === "" ? "" : `${folder}/`}.kaizen/`;
    // The fourth form of an index leaves out what a name has in common with the one before it.
    const isShortened = index.length > 8 && index.readUInt32BE(4) === 4;
    return isShortened ? /kaizen\/(?:\.gitignore|metrics\/)/.test(index.toString("latin1")) : index.includes(store);
  } catch (error) {
    if (error instanceof LeftOut) return error.why !== "no_git";
    throw error;
  }
}
