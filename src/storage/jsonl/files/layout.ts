import type { Dirent } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import {
  type AgentJournal,
  adr004Files,
  type Catalogue,
  type FolderCatalogue,
  sourcesIn,
} from "../../../adr004/catalogue.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { foldersByAgent, hasOtherSpellings } from "./agent-spelling.ts";
import { CREATE, type FileSystem, FOLDER_MODE, removeFile, syncFolder, withFile, writeAll } from "./file-system.ts";
import { hasErrno, unsafePath } from "./fs-errors.ts";
import { openFolder, steadyPath } from "./in-place.ts";
import { type AgentFiles, agentFilesIn, type OptimizerFiles, optimizerFilesIn } from "./places.ts";

export { type AgentFiles, linesOf } from "./places.ts";

/** Where everything stands below the project's `.kaizen`, and that nothing leads out of it. */
export class Layout {
  readonly kaizen: string;
  readonly metrics: string;
  readonly locks: string;
  readonly owners: string;
  /** What is being moved from one agent to another, or removed. */
  readonly moving: string;
  readonly optimizer: OptimizerFiles;
  readonly catalogue: Catalogue;
  readonly #fileSystem: FileSystem;
  /** Folders that were found to have their agent's name in another Unicode form. */
  readonly #otherSpellings = new Map<AgentName, string>();

  /** `projectRoot` is the real path of the project's folder: what lies above `.kaizen` is the user's affair. */
  constructor(fileSystem: FileSystem, projectRoot: string, catalogue: Catalogue = adr004Files) {
    this.#fileSystem = fileSystem;
    this.catalogue = catalogue;
    this.kaizen = join(projectRoot, ".kaizen");
    this.metrics = join(this.kaizen, "metrics");
    this.locks = join(this.metrics, ".locks");
    this.owners = join(this.locks, "owners");
    this.moving = join(this.locks, "moving.json");
    this.optimizer = optimizerFilesIn(join(this.metrics, "optimizer"), catalogue);
  }

  /** The folder as it is spelled, or as it will be. */
  agentFolder(agent: AgentName): string {
    return join(this.metrics, this.#folderName(agent));
  }

  agent(agent: AgentName): AgentFiles {
    return this.filesIn(this.agentFolder(agent));
  }

  filesIn(folder: string): AgentFiles {
    return agentFilesIn(folder, this.catalogue);
  }

  /** The names of the agents' folders, by agent in code point order. What stands there may be something else. */
  agentFolders(entries: readonly string[] = this.metricsEntries()): ReadonlyMap<AgentName, string> {
    const folders = foldersByAgent(entries);
    for (const [agent, folder] of folders) if (agent !== folder) this.#otherSpellings.set(agent, folder);
    return folders;
  }

  #folderName(agent: AgentName): string {
    if (!hasOtherSpellings(agent)) return agent;
    try {
      const known = this.#otherSpellings.get(agent);
      const found = [agent, known].find((name) => name !== undefined && this.#isThere(join(this.metrics, name)));
      return found ?? this.agentFolders().get(agent) ?? agent;
    } catch {
      // Whatever is wrong with the folders comes again when this one is looked at.
      return agent;
    }
  }

  #isThere(path: string): boolean {
    return this.#fileSystem.lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  }

  /**
   * Whether a folder of the store is there. Every component below the project is looked at, each time: a link in any of
   * them could lead out of the project, and a cloned repository may hold one. Fails with `UNSAFE_PATH` on anything that
   * is no folder.
   */
  hasFolder(folder: string): boolean {
    for (const path of this.#components(folder)) {
      const stats = this.#fileSystem.lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return false;
      if (!stats.isDirectory()) throw unsafePath(path);
    }
    return true;
  }

  /** Whether an agent has a log. Fails with `UNSAFE_PATH` if something else stands in its place. */
  hasLog(agent: AgentName): boolean {
    return this.hasJournal(agent, "log");
  }

  /** Whether an agent has a certain journal. Fails with `UNSAFE_PATH` as `hasLog` does. */
  hasJournal(agent: AgentName, journal: AgentJournal): boolean {
    // Asked for each agent in a list: the paths of its other files would cost more than the question.
    const folder = this.agentFolder(agent);
    if (!this.hasFolder(folder)) return false;
    const path = join(folder, this.catalogue.agent.journals[journal].name);
    const stats = this.#fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isFile()) throw unsafePath(path);
    return stats !== undefined;
  }

  /** The names in the metrics folder; none if it is not there. */
  metricsEntries(): string[] {
    return this.hasFolder(this.metrics) ? this.#fileSystem.readdirSync(this.metrics) : [];
  }

  /** What stands in the metrics folder, by its name. Most systems need not be asked once more what each of them is. */
  metricsKinds(): ReadonlyMap<string, Dirent> {
    if (!this.hasFolder(this.metrics)) return new Map();
    const entries = this.#fileSystem.readdirSync(this.metrics, { withFileTypes: true });
    return new Map(entries.map((entry) => [entry.name, entry]));
  }

  /**
   * Makes a folder of the store, and those above it, if they are missing. Our own first write, in a store of another
   * program too, is known by the locks, which no other program makes: it keeps derived files out of git. A list that is
   * there stays as it is; a person who takes it away has decided otherwise, until there is another clone.
   */
  makeFolder(folder: string): void {
    if (this.hasFolder(folder)) return;
    for (const path of this.#components(folder)) {
      // Before the locks, so that a process that dies in between leaves it to the next one.
      if (path === this.locks && !this.hasFolder(path)) this.#writeGitignore();
      try {
        this.#makeOne(path);
      } catch (error) {
        if (!hasErrno(error, "EEXIST")) throw error;
      }
    }
    // What was there already, or was put there meanwhile, is looked at before anything goes into it.
    this.hasFolder(folder);
  }

  /** What stands above `.kaizen` is the user's affair; below it a folder may be exchanged for a link at any time. */
  #makeOne(path: string): void {
    const parent = dirname(path);
    if (path === this.kaizen || process.platform === "win32") {
      this.#fileSystem.mkdirSync(path, FOLDER_MODE);
      syncFolder(this.#fileSystem, parent);
      return;
    }
    const fd = openFolder(this.#fileSystem, parent);
    try {
      this.#fileSystem.mkdirSync(join(steadyPath(this.#fileSystem, fd, parent), basename(path)), FOLDER_MODE);
      // A run that survives a power cut needs a folder that does.
      this.#fileSystem.fsyncSync(fd);
    } finally {
      this.#fileSystem.closeSync(fd);
    }
  }

  /** `.kaizen` and every folder below it on the way to `folder`. */
  #components(folder: string): string[] {
    const paths: string[] = [];
    for (let end = this.kaizen.length; end >= 0; end = folder.indexOf(sep, end + 1)) paths.push(folder.slice(0, end));
    return folder.length === this.kaizen.length ? paths : [...paths, folder];
  }

  #writeGitignore(): void {
    const path = join(this.kaizen, ".gitignore");
    const text = Buffer.from(gitignoreOf(this.catalogue));
    try {
      withFile(this.#fileSystem, path, CREATE, (fd) => writeAll(this.#fileSystem, fd, text));
    } catch (error) {
      if (hasErrno(error, "EEXIST")) return;
      // Half of it would stay for good.
      removeFile(this.#fileSystem, path);
      throw error;
    }
  }
}

/** What git leaves out of what stands below `.kaizen`. */
function gitignoreOf({ agent, optimizer }: Catalogue): string {
  const all = [agent, optimizer].flatMap((files: FolderCatalogue) => [
    ...Object.values(files.derived),
    ...sourcesIn(files),
  ]);
  const names = all.filter(({ isIgnored }) => isIgnored).map(({ name, isFolder }) => (isFolder ? `${name}/` : name));
  const patterns = [".locks/", ...names, "*.tmp-*", "*.rewrite-*", "*.drain-*"];
  const why = "Locks, indexes and files under way: made again from the logs, which are the history.";
  return `# ${why}\n${patterns.join("\n")}\n`;
}
