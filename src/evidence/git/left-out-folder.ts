import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import type { PrivateGit } from "./private/private-git.ts";

/** Where the store lies in a project, unless it is said otherwise. */
const USUAL = ".kaizen";

/**
 * The name in git of the folder that is left out of trees: the store changes with every run that is noted, and would make
 * each tree another. A folder that lies elsewhere is looked for at the top, as in a linked working copy of the same project.
 */
export function leftOutName(worktree: string, folder: string | undefined): string {
  const name = folder === undefined ? "" : relative(worktree, folder);
  const isInside = name !== "" && name !== ".." && !name.startsWith(`..${sep}`) && !isAbsolute(name);
  return Buffer.from(isInside ? name.replaceAll(sep, "/") : USUAL).toString("latin1");
}

export function isLeftOut(name: string, leftOut: string): boolean {
  return name === leftOut || name.startsWith(`${leftOut}/`);
}

/**
 * The ids that trees would have without a folder. Of each tree only the folders on the way there are read, and nothing is
 * written. A tree that lacks the folder keeps its id, and so does one that is missing in the repository.
 */
export async function treesWithout(git: PrivateGit, trees: readonly string[], folder: string): Promise<string[]> {
  const steps = folder.split("/");
  const paths = steps.map((_, depth) => steps.slice(0, depth).join("/"));
  // The words go through a line each, and git gives the objects in their order.
  const asked = [...new Set(trees)];
  const words = asked.flatMap((tree) => paths.map((path) => (path === "" ? tree : `${tree}:${path}`)));
  if (words.length === 0 || /[\n\0]/.test(folder)) return [...trees];
  const input = Buffer.from(`${words.join("\n")}\n`, "latin1");
  const objects = readObjects(await git.run(["cat-file", "--batch"], input));
  const without = new Map(
    asked.map((tree, at) => [
      tree,
      withoutFolder(tree, objects.slice(at * paths.length, (at + 1) * paths.length), steps),
    ]),
  );
  return trees.map((tree) => without.get(tree) ?? tree);
}

/** `levels` are the folders on the way, from the top. An empty folder is none in git. */
function withoutFolder(tree: string, levels: readonly (Buffer | undefined)[], steps: readonly string[]): string {
  let id: string | undefined;
  for (let depth = steps.length - 1; depth >= 0; depth -= 1) {
    const content = levels[depth];
    const step = steps[depth];
    if (content === undefined || step === undefined) return tree;
    const entries = entriesOf(content, tree.length / 2);
    const found = entries.find(({ name }) => name === step);
    if (found === undefined) return tree;
    const changed = entries.flatMap((entry) =>
      entry !== found ? [entry.bytes] : id === undefined ? [] : [Buffer.concat([entry.head, Buffer.from(id, "hex")])],
    );
    id = changed.length === 0 && depth > 0 ? undefined : treeId(Buffer.concat(changed), tree.length);
  }
  return id ?? tree;
}

interface TreeEntry {
  readonly name: string;
  /** Mode and name, up to the id. */
  readonly head: Buffer;
  readonly bytes: Buffer;
}

/** Entries of a tree object (git, Documentation/gitformat-pack): mode, space, name, NUL, and the id in bytes. */
function entriesOf(content: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0, at) + 1;
    if (end === 0) return entries;
    const name = content.toString("latin1", content.indexOf(0x20, at) + 1, end - 1);
    entries.push({ name, head: content.subarray(at, end), bytes: content.subarray(at, end + idBytes) });
    at = end + idBytes;
  }
  return entries;
}

/** The id of a tree by its content: of SHA-256 if ids have 64 digits. */
export function treeId(content: Buffer, hexLength: number): string {
  const algorithm = hexLength === 64 ? "sha256" : "sha1";
  return createHash(algorithm).update(`tree ${content.length}\0`).update(content).digest("hex");
}

/** What `git cat-file --batch` prints: for each object a line with its kind and size, and its content; or that it is missing. */
function readObjects(output: Buffer): (Buffer | undefined)[] {
  const objects: (Buffer | undefined)[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0x0a, at);
    const [, kind, size = "0"] = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(output.toString("latin1", at, end)) ?? [];
    at = end + 1;
    if (kind === undefined) {
      objects.push(undefined);
      continue;
    }
    objects.push(kind === "tree" ? output.subarray(at, at + Number(size)) : undefined);
    at += Number(size) + 1;
  }
  return objects;
}
