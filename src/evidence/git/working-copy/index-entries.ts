import { treeId } from "../left-out-folder.ts";

/** A file, a link or a submodule in an index. The name is bytes, each as one character. */
export interface IndexEntry {
  readonly mode: string;
  readonly id: string;
  /** 0, or which side of a merge that stopped. */
  readonly stage: string;
  readonly name: string;
  /** Whether git looks at the file: if not, the entry may be one that only stands for a file yet to be added. */
  readonly isLookedAt: boolean;
}

/** An entry as `git ls-files --stage` gives it; `undefined` for anything else. */
export function readIndexEntry(text: string, isLookedAt: boolean): IndexEntry | undefined {
  const [, mode, id, stage, name] = /^(\d{6}) ([0-9a-f]{40,64}) ([0-3])\t([\s\S]+)$/.exec(text) ?? [];
  if (mode === undefined || id === undefined || stage === undefined || name === undefined) return undefined;
  return { mode, id, stage, name, isLookedAt };
}

export function indexEntryText({ id, mode, name, stage }: IndexEntry): string {
  return `${mode} ${id} ${stage}\t${name}`;
}

/** In git's order, which is that of the bytes. */
export function inOrder(entries: readonly IndexEntry[]): IndexEntry[] {
  return [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** With more, git itself is faster: it remembers the ids of folders. */
const MOST_HASHED = 5_000;

type Folder = Map<string, Folder | IndexEntry>;

/**
 * The id of the tree that `git write-tree` would make of entries. `undefined` for none and for many, and if there is anything
 * that git might refuse or leave out: then it is to be asked.
 */
export function treeIdOf(entries: readonly IndexEntry[], hexLength: 40 | 64): string | undefined {
  const top: Folder = new Map();
  if (entries.length === 0 || entries.length > MOST_HASHED) return undefined;
  return entries.every((entry) => isPlain(entry, hexLength) && put(entry, top)) ? idOf(top, hexLength) : undefined;
}

function isPlain({ id, isLookedAt, mode, stage }: IndexEntry, hexLength: number): boolean {
  return isLookedAt && stage === "0" && id.length === hexLength && /^(?:100644|100755|120000|160000)$/.test(mode);
}

/** Whether nothing else has the entry's name, or is in the place of one of its folders. */
function put(entry: IndexEntry, top: Folder): boolean {
  const steps = entry.name.split("/");
  const last = steps.pop() ?? "";
  let folder = top;
  for (const step of steps) {
    const next = folder.get(step) ?? new Map();
    if (step === "" || !(next instanceof Map)) return false;
    folder.set(step, next);
    folder = next;
  }
  if (last === "" || folder.has(last)) return false;
  folder.set(last, entry);
  return true;
}

function idOf(folder: Folder, hexLength: number): string {
  // Git sorts a folder as if its name ended with a slash.
  const children = [...folder].map(([name, child]) =>
    child instanceof Map
      ? { order: `${name}/`, head: `40000 ${name}\0`, id: idOf(child, hexLength) }
      : { order: name, head: `${child.mode} ${name}\0`, id: child.id },
  );
  children.sort((a, b) => (a.order < b.order ? -1 : 1));
  return treeId(
    Buffer.concat(children.flatMap(({ head, id }) => [Buffer.from(head, "latin1"), Buffer.from(id, "hex")])),
    hexLength,
  );
}
