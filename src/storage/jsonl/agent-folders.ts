import { sep } from "node:path";
import type { AgentJournal } from "../../adr004/catalogue.ts";
import { decodeLine } from "../../adr004/run-line.ts";
import { type AgentName, foldAgentName, isSpelledLike } from "../../domain/run/agent-name.ts";
import { nearCollision } from "../refusals.ts";
import type { ListedAgent } from "../store.ts";
import { type FileSystem, READ, readRange, statusOf, withFile } from "./files/file-system.ts";
import { errnoOf } from "./files/fs-errors.ts";
import type { Layout } from "./files/layout.ts";
import type { Locks } from "./lock/lock.ts";

/** Most lines are shorter: so much is read to find the last one. */
const LAST_LINE_BYTES = 8 * 1024;

/**
 * When a file last changed (ms). `unsafe`: something else stands in its place, or in its folder's. `unreadable`: this
 * process may not look at it.
 */
export type Seen = number | "unsafe" | "unreadable";

/** The agents of a survey, but for those whose file is none. */
export function listed(survey: ReadonlyMap<AgentName, Seen>): ListedAgent[] {
  return [...survey].flatMap(([name, seen]) =>
    seen === "unsafe" ? [] : { name, lastChange: seen === "unreadable" ? undefined : seen },
  );
}

/** The agents' folders: which there are, and that a new one is no second spelling of another. */
export class AgentFolders {
  readonly #fileSystem: FileSystem;
  readonly #layout: Layout;
  readonly #locks: Locks;
  /** Agents whose folder has been seen to have exactly this name, also where the file system ignores case. */
  readonly #spelled = new Set<AgentName>();

  constructor(fileSystem: FileSystem, layout: Layout, locks: Locks) {
    this.#fileSystem = fileSystem;
    this.#layout = layout;
    this.#locks = locks;
  }

  /**
   * Looks from outside whether the agents have a certain file: all of them, or those whose name is another's but for case
   * and spelling. An agent whose file this process may not look at is listed: its reader gets the reason as an error.
   * Agents without the file are left out. In code point order.
   */
  survey(file: AgentJournal, like?: string): Map<AgentName, Seen> {
    const kinds = this.#layout.metricsKinds();
    const { metrics } = this.#layout;
    // Of thousands of agents every step counts: no path is put together that is not looked at.
    const inFolder = this.#layout.filesIn("")[file];
    const found = new Map<AgentName, Seen>();
    for (const [agent, name] of this.#layout.agentFolders([...kinds.keys()])) {
      const kind = kinds.get(name);
      // A plain file beside the agents' folders belongs to no agent.
      if (kind === undefined || kind.isFile() || !isSpelledLike(agent, like)) continue;
      const seen = kind.isDirectory() ? this.#look(metrics + sep + name + sep + inFolder) : "unsafe";
      if (seen !== undefined) found.set(agent, seen);
    }
    return found;
  }

  /** Each call to an agent's own files looks at the whole way to them again. */
  #look(file: string): Seen | undefined {
    try {
      const stats = this.#fileSystem.lstatSync(file, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      return stats.isFile() ? stats.mtimeMs : "unsafe";
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return "unreadable";
    }
  }

  /**
   * When the run on the last line of an agent's log ended (ms). A log stands in the order of time, but for late lines of
   * other writers. `undefined` if the end of the log does not say it.
   */
  lastRun(agent: AgentName): number | undefined {
    try {
      return withFile(this.#fileSystem, this.#layout.agent(agent).log, READ, (fd) => {
        const { size } = statusOf(this.#fileSystem, fd);
        const end = readRange(this.#fileSystem, fd, Math.max(0, size - LAST_LINE_BYTES), size);
        const line = end.toString().trimEnd().split("\n").at(-1) ?? "";
        return decodeLine(Buffer.from(line)).executions.at(-1)?.at;
      });
    } catch {
      // A call that reads the agent says why.
      return undefined;
    }
  }

  /** Makes the folder of a new agent, unless another agent's would be the same on a file system that ignores case. */
  async prepare(agent: AgentName): Promise<void> {
    const folder = this.#layout.agentFolder(agent);
    // The folder itself is looked at each time; that its name is spelled like this, once.
    if (this.#layout.hasFolder(folder) && this.#spelled.has(agent)) return;
    this.#layout.makeFolder(this.#layout.metrics);
    // No agent's name begins with a dot, so no agent's own lock has this name.
    await this.#locks.under(".create", () => {
      const names = [...this.#layout.agentFolders().keys()];
      // Where both stand already, on a file system that tells them apart, both are agents.
      const collision = names.includes(agent)
        ? undefined
        : names.find((name) => foldAgentName(name) === foldAgentName(agent));
      if (collision !== undefined) throw nearCollision(agent, collision);
      // Another writer may have made it meanwhile, and spelled it otherwise.
      this.#layout.makeFolder(this.#layout.agentFolder(agent));
      this.#spelled.add(agent);
    });
  }
}
