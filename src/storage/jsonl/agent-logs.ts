import { type AgentName, existingAgentNameSchema, foldAgentName } from "../../domain/agent-name.ts";
import { byCodePoint } from "../../domain/code-point-order.ts";
import { type RetentionDays, retentionCutoff } from "../../domain/retention.ts";
import { KaizenError } from "../../errors.ts";
import { nearCollision } from "../refusals.ts";
import { AgentLog } from "./agent-log.ts";
import type { FileSystem } from "./file-system.ts";
import type { Layout } from "./layout.ts";
import type { Locks } from "./lock.ts";

/** How many logs this process keeps in mind. One that was forgotten is read again, from its checkpoint on. */
const KNOWN_LOGS = 1024;

export interface AgentLogsOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: (message: string) => void;
}

/** The agents' folders, and the logs that this process has in mind. */
export class AgentLogs {
  readonly #options: AgentLogsOptions;
  /** In the order of their last use. */
  readonly #logs = new Map<AgentName, AgentLog>();
  /** Agents whose folder has been seen to have exactly this name, also where the file system ignores case. */
  readonly #spelled = new Set<AgentName>();

  constructor(options: AgentLogsOptions) {
    this.#options = options;
  }

  get(agent: AgentName): AgentLog {
    const log = this.#logs.get(agent) ?? this.#open(agent);
    this.#logs.delete(agent);
    this.#logs.set(agent, log);
    for (const [name, known] of this.#logs) {
      if (this.#logs.size <= KNOWN_LOGS) break;
      if (known.isIdle && known !== log) this.#logs.delete(name);
    }
    return log;
  }

  /** The names of the agents that have a log, in code point order. */
  names(): AgentName[] {
    return this.#folders().filter((name) => this.#isListed(name));
  }

  /** Waits for the work under way, and forgets every log. */
  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.settled()));
    this.#logs.clear();
  }

  #open(agent: AgentName): AgentLog {
    const { layout, now, retentionDays } = this.#options;
    return new AgentLog({
      ...this.#options,
      agent,
      files: layout.agent(agent),
      cutoff: () => retentionCutoff(retentionDays, now()),
      prepareFolder: () => this.#prepareFolder(agent),
    });
  }

  /** Makes the folder of a new agent, unless another agent's would be the same on a file system that ignores case. */
  async #prepareFolder(agent: AgentName): Promise<void> {
    const { layout, locks } = this.#options;
    const { folder } = layout.agent(agent);
    // The folder itself is looked at each time; that its name is spelled like this, once.
    if (layout.hasFolder(folder) && this.#spelled.has(agent)) return;
    layout.makeFolder(layout.metrics);
    // No agent's name begins with a dot, so this lock is nobody's own.
    const lock = await locks.acquire(".create");
    try {
      const folders = this.#folders();
      // Where both stand already, on a file system that tells them apart, both are agents.
      const collision = folders.includes(agent)
        ? undefined
        : folders.find((name) => foldAgentName(name) === foldAgentName(agent));
      if (collision !== undefined) throw nearCollision(agent, collision);
      layout.makeFolder(folder);
      this.#spelled.add(agent);
    } finally {
      lock.release();
    }
  }

  /** A link in the place of one agent's folder or log is refused when that agent is asked for, and hides no other agent. */
  #isListed(agent: AgentName): boolean {
    try {
      return this.#options.layout.hasLog(agent);
    } catch (error) {
      if (error instanceof KaizenError && error.code === "UNSAFE_PATH") return false;
      throw error;
    }
  }

  #folders(): AgentName[] {
    return this.#options.layout
      .metricsEntries()
      .flatMap((name) => existingAgentNameSchema.safeParse(name).data ?? [])
      .sort(byCodePoint);
  }
}
