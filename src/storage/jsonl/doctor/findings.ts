import type { Stats } from "node:fs";
import { relative, sep } from "node:path";
import { KaizenError } from "../../../errors.ts";
import { type Examination, type Finding, NAMED_LINES } from "../../health.ts";
import { type FileSystem, statusAt } from "../files/file-system.ts";
import { errnoOf, hasErrno, translateFsError } from "../files/fs-errors.ts";
import type { Layout } from "../files/layout.ts";

/** What an examination has found so far, and what it needs to look. */
export class Findings {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  /** Whose files are looked at, where they are an agent's. */
  agent: string | undefined;
  agents = 0;
  readonly #found: Finding[] = [];
  /** Damaged lines by file. */
  readonly #lines = new Map<string, number>();
  /** What was looked at, and its size. */
  readonly #files = new Map<string, number>();

  constructor(fileSystem: FileSystem, layout: Layout) {
    this.fileSystem = fileSystem;
    this.layout = layout;
  }

  add(path: string, finding: Omit<Finding, "file" | "agent">): void {
    const agent = this.agent === undefined ? {} : { agent: this.agent };
    this.#found.push({ ...agent, file: this.name(path), ...finding });
  }

  /** Adds a finding about a line. The first lines of a file are named, the others counted. */
  addLine(path: string, finding: Omit<Finding, "file" | "agent"> & { line: number; offset: number }): void {
    const file = this.name(path);
    const lines = (this.#lines.get(file) ?? 0) + 1;
    this.#lines.set(file, lines);
    if (lines <= NAMED_LINES) this.add(path, finding);
  }

  /** Below the project's folder. */
  name(path: string): string {
    return nameInProject(this.layout, path);
  }

  /**
   * Looks at what should be a plain file. Gives whether it is one: nothing may stand there, and what cannot be looked at
   * is a finding of its own.
   */
  async file(path: string, look: (size: number) => Promise<void> | void): Promise<void> {
    try {
      const stats = this.fileSystem.lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return;
      if (!stats.isFile()) {
        this.unsafe(path);
        return;
      }
      const size = statusAt(this.fileSystem, path)?.size ?? 0;
      this.#files.set(path, size);
      await look(size);
    } catch (error) {
      // It was there a moment ago: a file that another process replaces or sweeps is not damaged.
      if (!hasErrno(error, "ENOENT")) this.unreadable(path, error);
    }
  }

  /** The names in a folder; none if it is not there. */
  names(folder: string): string[] {
    try {
      return this.layout.hasFolder(folder) ? this.fileSystem.readdirSync(folder).sort() : [];
    } catch (error) {
      this.unreadable(folder, error);
      return [];
    }
  }

  unsafe(path: string): void {
    this.add(path, {
      kind: "damage",
      reason: `it is ${whatIs(this.fileSystem.lstatSync(path, { throwIfNoEntry: false }))}`,
      lost: true,
      advice: "Look at what is there, and move it away: the store neither reads nor writes through it.",
    });
  }

  unreadable(path: string, error: unknown): void {
    if (error instanceof KaizenError && error.code === "UNSAFE_PATH") {
      this.unsafe(path);
      return;
    }
    const cause = error instanceof KaizenError ? (error.cause ?? error) : error;
    // Node has codes of its own, as for what is too large: one such file keeps no other from being looked at.
    const code = errnoOf(cause) ?? (cause instanceof Error && "code" in cause ? String(cause.code) : undefined);
    // A fault of ours is no finding, nor is how many files this process may open.
    if (code === undefined) throw error;
    if (code === "EMFILE" || code === "ENFILE") throw translateFsError(cause, "looking at the store");
    const reason = code === "EACCES" ? `it may not be read (${code})` : `it cannot be read (${code})`;
    this.add(path, { kind: "damage", reason, lost: true, advice: "Look at its owner, its permissions and the disk." });
  }

  report(): Examination {
    const unnamed = [...this.#lines].flatMap(([file, lines]) =>
      lines > NAMED_LINES ? [{ file, lines: lines - NAMED_LINES }] : [],
    );
    const bytes = [...this.#files.values()].reduce((sum, size) => sum + size, 0);
    return { findings: this.#found, unnamed, agents: this.agents, files: this.#files.size, bytes };
  }
}

/** What stands where a plain file or folder belongs. */
function whatIs(stats: Stats | undefined): string {
  if (stats === undefined) return "gone by now, and was no plain file or folder";
  if (stats.isSymbolicLink()) return "a link";
  if (stats.isFIFO()) return "a FIFO";
  if (stats.isDirectory()) return "a folder where a file belongs";
  return stats.isFile() ? "a file where a folder belongs" : "a device or a socket";
}

/** How a file is called to people: below the project's folder. */
export function nameInProject({ kaizen }: Layout, path: string): string {
  return relative(`${kaizen}${sep}..`, path).replaceAll("\\", "/");
}
