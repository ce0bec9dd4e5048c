import type { Changes } from "../../../adr004/catalogue.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { FileSystem } from "./file-system.ts";
import type { Layout } from "./layout.ts";
import { pathsOfChanges } from "./places.ts";

/**
 * A text that differs once any of the files was replaced, written, made or removed. It is told from their sizes and
 * times alone: nothing is opened, and what is no plain file is not followed.
 */
export function stampOf(fileSystem: FileSystem, paths: readonly string[]): string {
  return paths.map((path) => stampAt(fileSystem, path)).join(" ");
}

function stampAt(fileSystem: FileSystem, path: string): string {
  try {
    const stats = fileSystem.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return "-";
    return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
  } catch (error) {
    // A reader of the file is told. That it cannot be looked at is a state like any other.
    return error instanceof Error && "code" in error ? String(error.code) : "?";
  }
}

/** So long after its last change, in ms, a folder's time says of any later change that there was one. */
const SETTLED_MS = 2_000;

/** Change tokens of what is kept of agents. The folder of all agents is listed again only when it has changed. */
export class ChangeTokens {
  readonly #fileSystem: FileSystem;
  readonly #layout: Layout;
  readonly #changes: Changes;
  #listed: { readonly folder: string; readonly names: readonly AgentName[] } | undefined;

  constructor(fileSystem: FileSystem, layout: Layout, changes: Changes) {
    this.#fileSystem = fileSystem;
    this.#layout = layout;
    this.#changes = changes;
  }

  /** That of one agent, or without a name that of all. */
  of(agent: AgentName | undefined): string {
    return agent === undefined ? this.#ofAll() : this.#ofOne(agent);
  }

  #ofOne(agent: AgentName): string {
    const folder = this.#layout.agentFolder(agent);
    return stampOf(this.#fileSystem, pathsOfChanges(folder, this.#layout.catalogue.agent, this.#changes));
  }

  #ofAll(): string {
    return this.#names()
      .map((name) => `${JSON.stringify(name)} ${this.#ofOne(name)}`)
      .join("\n");
  }

  #names(): readonly AgentName[] {
    const folder = stampAt(this.#fileSystem, this.#layout.metrics);
    if (folder === this.#listed?.folder) return this.#listed.names;
    const names = [...this.#layout.agentFolders().keys()];
    const changedAt = this.#fileSystem.lstatSync(this.#layout.metrics, { throwIfNoEntry: false })?.mtimeMs;
    // Times are as coarse as the file system keeps them: of a folder that has only just changed they say too little.
    const isSettled = changedAt !== undefined && Date.now() - changedAt > SETTLED_MS;
    this.#listed = isSettled ? { folder, names } : undefined;
    return names;
  }
}
