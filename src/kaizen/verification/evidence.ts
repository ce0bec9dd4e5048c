import { type NewEvidence, type RunEvidence, withEvidence } from "../../domain/evidence/evidence.ts";
import { LONGEST_RUN_MS, overlapping, type RunOfAgent } from "../../domain/evidence/overlapping.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { isAhead } from "../../domain/run/report.ts";
import { type RetentionDays, retentionCutoff } from "../../domain/run/retention.ts";
import { isExpiredRun } from "../../domain/run/runs-by-key.ts";
import { formatInstant, readInstant } from "../../domain/run/time.ts";
import type { EvidenceOverview, Store } from "../../storage/store.ts";
import { amongLatest } from "../base/among-latest.ts";

/** Facts of a run; when they were found is now. */
export type FoundFacts = Omit<NewEvidence, "timestamp">;

export interface EvidenceOptions {
  readonly store: Pick<Store, "evidence">;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

/** What is known of runs beyond their claims: from transcripts of clients, from git, and from a check of our own. */
export class Evidence {
  readonly #options: EvidenceOptions;

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /**
   * Keeps facts of a run, and gives all that is known of it now. If it has ended with a tree, and others were at work in
   * the same working copy meanwhile, it is marked as shared, and so are those that have ended by now.
   */
  async note(agent: AgentName, facts: FoundFacts): Promise<RunEvidence> {
    const { evidence } = this.#options.store;
    const found = this.#dated(facts);
    if (found.ended === undefined && found.tree === undefined) return evidence.note(agent, found);
    const run = withEvidence(await evidence.find(agent, found.key), found);
    const isWhole = run.endedAt !== undefined && run.facts.tree !== undefined;
    const others = isWhole ? await this.#overlapping({ agent, key: found.key, run }) : [];
    const noted = await evidence.note(agent, others.length === 0 ? found : { ...found, shared: true });
    for (const other of others) {
      if (other.run.endedAt === undefined || other.run.facts.shared) continue;
      await evidence.note(other.agent, this.#dated({ key: other.key, shared: true }));
    }
    return noted;
  }

  /** The run of this key among the last ones of the agent, or, without an agent, of the latest agents. */
  async find(key: string, agent?: AgentName): Promise<RunOfAgent | undefined> {
    const { evidence } = this.#options.store;
    const find = (whose: AgentName) => evidence.find(whose, key);
    if (agent !== undefined) {
      const run = await find(agent);
      return run === undefined ? undefined : { agent, key, run };
    }
    for await (const { agent: whose, found: run } of amongLatest(await evidence.listAgents(), find)) {
      return { agent: whose, key, run };
    }
    return undefined;
  }

  /** What is live of an agent, or `undefined` if nothing of it was ever noted. */
  overview(agent: AgentName): Promise<EvidenceOverview | undefined> {
    return this.#options.store.evidence.overview(agent);
  }

  /** A run of tomorrow would never expire: the clock of what was read is wrong. */
  #dated({ first_seen, ...facts }: FoundFacts): NewEvidence {
    const now = this.#options.now();
    const isBelieved = first_seen !== undefined && !isAhead(readInstant(first_seen), now);
    return { ...facts, timestamp: formatInstant(now), ...(isBelieved ? { first_seen } : {}) };
  }

  /** Whether a run that was first seen at an instant (ms) is kept: one that has expired would be taken out again. */
  isLive(firstSeenAt: number): boolean {
    const { now, retentionDays } = this.#options;
    return !isExpiredRun({ firstSeenAt }, retentionCutoff(retentionDays, now()));
  }

  /** The last runs of the latest agents of which anything was noted since an instant (ms). */
  async lastRuns(since: number): Promise<RunOfAgent[]> {
    const runs: RunOfAgent[] = [];
    const overview = (agent: AgentName) => this.overview(agent);
    const listed = await this.#options.store.evidence.listAgents();
    for await (const { agent, found } of amongLatest(listed, overview, since)) {
      for (const [key, run] of found.seen.recent) runs.push({ agent, key, run });
    }
    return runs;
  }

  async #overlapping(one: RunOfAgent): Promise<RunOfAgent[]> {
    if (one.run.facts.checkout === undefined) return [];
    // What was under way then was noted when it began, or later.
    return overlapping(await this.lastRuns(one.run.firstSeenAt - LONGEST_RUN_MS), one);
  }
}
