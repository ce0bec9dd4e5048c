import { createReadStream, lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KaizenError } from "../../errors.ts";
import { importedFiles, type SourceFile, type SourceLine } from "../../kaizen/import/import.ts";
import { readLines } from "./lines.ts";

/** What there is to be imported at a path. */
export interface Source {
  readonly files: readonly SourceFile[];
  /** The agents that have folders of their own. */
  readonly agents: readonly string[];
  /** Sentences about what is there and does not come along. Looked at when the files have been read. */
  readonly leftOut: readonly string[];
  /** What stands in the place of a file or folder and is none. Links are not followed. */
  readonly unsafe: readonly Unsafe[];
}

/** `what` says what it is. */
interface Unsafe {
  readonly path: string;
  readonly what: string;
}

/**
 * Looks at what a path names: a file of lines, an agent's folder, or a store, by its own folder or the project's. With
 * `isMove` what stands beside the logs of a store comes along.
 */
export function sourceAt(path: string, { isMove = false } = {}): Source {
  const stats = orMissing(path, () => statSync(path));
  if (stats.isFile()) return singleFile(path);
  if (!stats.isDirectory()) {
    throw new KaizenError("INVALID_ARGUMENT", `${shown(path)} is no plain file or folder, and is not read.`, {
      hint: "It may have no end: put what it gives into a file, or pipe it into kaizen-metrics import -.",
    });
  }
  const kaizen = join(path, ".kaizen");
  const inProject = isPlainFolder(kaizen) ? [join(kaizen, "metrics")] : [];
  const folder = [...inProject, join(path, "metrics"), path].find((one) => isStore(one, isMove));
  if (folder !== undefined) return store(folder, isMove);
  if (isAgentFolder(path, false)) return agentFolder(path, basename(resolve(path)), false);
  throw new KaizenError("NOT_FOUND", `${shown(path)} holds nothing to import.`, {
    hint: "Name a project, its .kaizen/metrics, an agent's folder with executions.jsonl, or a file of records.",
  });
}

function singleFile(path: string): Source {
  const name = basename(path);
  // A log in its agent's folder need not name its agent.
  const isOfAgent = importedFiles.agent.some((file) => file.name === name);
  const agent = isOfAgent ? basename(dirname(resolve(path))) : undefined;
  const file: SourceFile = { kind: "any", name: path, agent, lines: () => linesOf(path) };
  return { files: [file], agents: [], leftOut: [], unsafe: [] };
}

/** What comes on stdin, as if it stood in a file. */
export function stdinSource(chunks: AsyncIterable<Buffer>): Source {
  let isEmpty = true;
  async function* noted() {
    for await (const chunk of chunks) {
      isEmpty &&= chunk.length === 0;
      yield chunk;
    }
  }
  const file: SourceFile = { kind: "any", name: "stdin", lines: () => readLines(noted()) };
  return {
    files: [file],
    agents: [],
    get leftOut() {
      return isEmpty ? ["Nothing came on stdin."] : [];
    },
    unsafe: [],
  };
}

const CHUNK_BYTES = 256 * 1024;

function linesOf(path: string): AsyncIterable<readonly SourceLine[]> {
  return readLines(createReadStream(path, { highWaterMark: CHUNK_BYTES }));
}

/** A file that has no lines, but is one thing: every byte of it. */
async function* piecesOf(path: string): AsyncGenerator<readonly SourceLine[]> {
  for await (const bytes of createReadStream(path, { highWaterMark: CHUNK_BYTES })) yield [{ bytes, line: 1 }];
}

function store(folder: string, isMove: boolean): Source {
  const agents = folders(folder).filter((name) => name !== "optimizer" && isAgentFolder(join(folder, name), isMove));
  const parts = agents.map((agent) => agentFolder(join(folder, agent), agent, isMove));
  // A link to it is told with the others, and not followed.
  const optimizer = folders(folder)
    .filter((name) => name === "optimizer")
    .map((name) => join(folder, name));
  const files = [
    ...parts.flatMap((part) => part.files),
    ...optimizer.flatMap((path) => filesIn(path, importedFiles.optimizer)),
  ];
  return {
    files,
    agents,
    leftOut: [
      ...new Set([...parts.flatMap((part) => part.leftOut), ...(isMove ? optimizer.flatMap(quarantineNote) : [])]),
    ],
    unsafe: [
      ...parts.flatMap((part) => part.unsafe),
      ...optimizer.flatMap((path) => unsafeFiles(path, isMove)),
      ...linksIn(folder),
    ],
  };
}

function agentFolder(folder: string, agent: string, isMove: boolean): Source {
  const files = filesIn(folder, filesOfAgent(isMove), agent);
  const leftOut = importedFiles.leftOut.flatMap(({ name, why }) => (isPlainFile(join(folder, name)) ? [why] : []));
  const stays = isMove ? quarantineNote(folder) : leftOut;
  return { files, agents: [agent], leftOut: stays, unsafe: unsafeFiles(folder, isMove) };
}

function filesOfAgent(isMove: boolean): readonly { readonly name: string; readonly kind: SourceFile["kind"] }[] {
  return isMove ? [...importedFiles.agent, ...importedFiles.moved] : importedFiles.agent;
}

/** What no store reads is not moved. */
function quarantineNote(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".quarantine"));
  return names.length === 0 ? [] : [QUARANTINE_STAYS];
}

const QUARANTINE_STAYS = "Lines that a repair took out (*.quarantine) stay in the folder: no store reads them.";

function filesIn(folder: string, imported: ReturnType<typeof filesOfAgent>, agent?: string): SourceFile[] {
  return imported.flatMap(({ kind, name }) => {
    const path = join(folder, name);
    const lines = () => (kind === "analysis" ? piecesOf(path) : linesOf(path));
    return isPlainFile(path) ? [{ kind, name: path, agent, lines }] : [];
  });
}

/** Links are not followed: a folder that came from elsewhere may hold one that leads anywhere. */
function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isPlainFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isAgentFolder(folder: string, isMove: boolean): boolean {
  return filesOfAgent(isMove).some(({ name }) => exists(join(folder, name)));
}

function isStore(folder: string, isMove: boolean): boolean {
  return folders(folder).some((name) => name === "optimizer" || isAgentFolder(join(folder, name), isMove));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function folders(path: string): string[] {
  if (!isPlainFolder(path)) return [];
  return orMissing(path, () => readdirSync(path, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

function unsafeFiles(folder: string, isMove: boolean): Unsafe[] {
  return [...filesOfAgent(isMove), ...importedFiles.optimizer].flatMap(({ name }) => {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined || stats.isFile() ? [] : [{ path, what: whatIs(stats) }];
  });
}

function whatIs(stats: Stats): string {
  if (stats.isSymbolicLink()) return A_LINK;
  if (stats.isDirectory()) return "a folder";
  return stats.isFIFO() ? "a FIFO" : "a device or a socket";
}

const A_LINK = "a link";

/** A link in the place of an agent's folder, or the optimizer's. */
function linksIn(folder: string): Unsafe[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink() && !entry.name.startsWith("."))
    .map(({ name }) => join(folder, name))
    .sort()
    .map((path) => ({ path, what: A_LINK }));
}

/** What a look at a path gives; fails with a `KaizenError` that says if nothing is there. */
export function orMissing<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    if (isMissing) throw new KaizenError("NOT_FOUND", `There is no file or folder ${shown(path)}.`, { cause: error });
    throw new KaizenError("IO_ERROR", `${shown(path)} could not be read (${code}).`, { cause: error });
  }
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 300));
}
