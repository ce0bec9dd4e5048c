import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import type { FoundFacts } from "../../src/kaizen/verification/evidence.ts";
import { openTrust } from "../../src/open-kaizen.ts";
import { type TestRepository, testRepository } from "../evidence/git/repository.ts";
import { HookProject } from "./hook-project.ts";

/** A project in a real repository, in which runs of an agent are seen by hooks, or written as the store keeps them. */
export class EvidenceProject {
  readonly repository: TestRepository = testRepository();
  readonly hooks = new HookProject({ root: this.repository.folder });
  readonly root = this.repository.folder;
  readonly kaizen = this.hooks.kaizen;

  constructor() {
    this.commit("configured");
  }

  /** Commits all that there is, and gives the commit's id. */
  commit(message: string, ...flags: readonly string[]): string {
    this.repository.git("add", "-A", "--", ":!.kaizen");
    this.repository.git("commit", "-q", "--allow-empty", "-m", message, ...flags);
    return this.head();
  }

  head(name = "HEAD"): string {
    return this.repository.git("rev-parse", name);
  }

  /** A run that hooks see begin and end, and what it does meanwhile. */
  async seen(key: string, work: () => unknown = () => {}, agent = "code-reviewer"): Promise<void> {
    const payload = { agent_id: key, agent_type: agent };
    await this.hooks.start(payload);
    await work();
    await this.hooks.stop(payload);
  }

  /** Facts of a run as a hook would keep them. */
  async noted(key: string, facts: Omit<FoundFacts, "key">, agent = "code-reviewer"): Promise<void> {
    await this.kaizen.evidence.note(agentNameSchema.parse(agent), { key, ...facts });
  }

  /** The run's report, and its id. */
  async reported(key: string, success = true, agent = "code-reviewer"): Promise<string> {
    const { id } = await this.kaizen.record({ agent, success, idempotency_key: key });
    return id ?? "";
  }

  async facts(key: string) {
    return (await this.kaizen.evidence.find(key))?.run.facts;
  }

  secret(): Buffer {
    const secret = openTrust(this.root).secretFor("evidence");
    if (secret === undefined) throw new Error("a store of one's own has a secret");
    return secret;
  }
}

/** Now, as the store writes it; so many ms ago. */
export function ago(ms = 0): string {
  return new Date(Date.now() - ms).toISOString().replace(/\.\d+Z/, "Z");
}
