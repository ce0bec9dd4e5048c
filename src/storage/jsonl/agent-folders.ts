import { type AgentName, existingAgentNameSchema, foldAgentName } from "../../domain/agent-name.ts";
import { byCodePoint } from "../../domain/code-point-order.ts";
import { nearCollision } from "../refusals.ts";
import { isUnsafePath } from "./files/fs-errors.ts";
import type { Layout } from "./files/layout.ts";
import type { Locks } from "./lock/lock.ts";

/** The agents' folders: which there are, and that a new one is no second spelling of another. */
export class AgentFolders {
  readonly #layout: Layout;
  readonly #locks: Locks;
  /** Agents whose folder has been seen to have exactly this name, also where the file system ignores case. */
  readonly #spelled = new Set<AgentName>();

  constructor(layout: Layout, locks: Locks) {
    this.#layout = layout;
    this.#locks = locks;
  }

  /** The names of the agents that have a certain file, in code point order. */
  names(hasFile: (agent: AgentName) => boolean): AgentName[] {
    return this.#names().filter((name) => isListed(name, hasFile) === true);
  }

  /** The names of those whose file cannot be looked for: something else stands in its place, or the folder's. */
  unsafeNames(hasFile: (agent: AgentName) => boolean): AgentName[] {
    return this.#names().filter((name) => isListed(name, hasFile) === undefined);
  }

  /** Makes the folder of a new agent, unless another agent's would be the same on a file system that ignores case. */
  async prepare(agent: AgentName): Promise<void> {
    const folder = this.#layout.agentFolder(agent);
    // The folder itself is looked at each time; that its name is spelled like this, once.
    if (this.#layout.hasFolder(folder) && this.#spelled.has(agent)) return;
    this.#layout.makeFolder(this.#layout.metrics);
    // No agent's name begins with a dot, so this lock is nobody's own.
    const lock = await this.#locks.acquire(".create");
    try {
      const names = this.#names();
      // Where both stand already, on a file system that tells them apart, both are agents.
      const collision = names.includes(agent)
        ? undefined
        : names.find((name) => foldAgentName(name) === foldAgentName(agent));
      if (collision !== undefined) throw nearCollision(agent, collision);
      this.#layout.makeFolder(folder);
      this.#spelled.add(agent);
    } finally {
      lock.release();
    }
  }

  #names(): AgentName[] {
    return this.#layout
      .metricsEntries()
      .flatMap((name) => existingAgentNameSchema.safeParse(name).data ?? [])
      .sort(byCodePoint);
  }
}

/** A link in the place of one agent's folder or file is refused when that agent is asked for, and hides no other agent. */
function isListed(agent: AgentName, hasFile: (agent: AgentName) => boolean): boolean | undefined {
  try {
    return hasFile(agent);
  } catch (error) {
    if (isUnsafePath(error)) return undefined;
    throw error;
  }
}
