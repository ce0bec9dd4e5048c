import type { Coverage } from "../../domain/coverage/coverage.ts";
import type { NewLifecycleEvent, ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { KaizenError } from "../../errors.ts";
import type { Store, VerifiedOverview } from "../../storage/store.ts";
import { amongLatest } from "../base/among-latest.ts";

/** What a hook reports of a run; when it was seen is now. */
export type ReportedEvent = Omit<NewLifecycleEvent, "timestamp">;

/** A run that hooks saw, and whose it is. */
export interface FoundRun {
  readonly agent: AgentName;
  readonly run: ObservedRun;
}

export interface ObservedByHooksOptions {
  readonly store: Pick<Store, "runs" | "lifecycle">;
  readonly now: () => number;
}

/** What hooks of a client saw of runs, and how much of it the figures cover. */
export class ObservedByHooks {
  readonly #options: ObservedByHooksOptions;

  constructor(options: ObservedByHooksOptions) {
    this.#options = options;
  }

  observe(agent: AgentName, event: ReportedEvent): Promise<ObservedRun> {
    const { now, store } = this.#options;
    return store.lifecycle.observe(agent, { ...event, timestamp: formatInstant(now()) });
  }

  /**
   * Notes that a run which hooks saw is on record. Of a run that was seen long ago nothing but this is known any more, so
   * it cannot be asked for later. The report is on disk by now: that this fails is no reason to fail.
   */
  async noteReport(agent: AgentName, key: string): Promise<void> {
    try {
      const run = await this.#options.store.lifecycle.find(agent, key);
      if (run?.reported === false) await this.observe(agent, { key, event: "reported" });
    } catch (error) {
      if (!(error instanceof KaizenError)) throw error;
    }
  }

  /** The run of this key among the last ones of the agent. */
  async find(key: string, agent: AgentName): Promise<FoundRun | undefined> {
    const run = await this.#options.store.lifecycle.find(agent, key);
    return run === undefined ? undefined : { agent, run };
  }

  /** The run of this key if its agent is unknown: searches the agents of which hooks noted something last. */
  async findAnywhere(key: string): Promise<FoundRun | undefined> {
    const { lifecycle } = this.#options.store;
    const find = (agent: AgentName) => lifecycle.find(agent, key);
    for await (const { agent, found: run } of amongLatest(await lifecycle.listAgents(), find)) return { agent, run };
    return undefined;
  }

  /** The instant (ms) at which anything was last noted of a run that hooks saw; `undefined` if nothing ever was. */
  async lastNotedAt(): Promise<number | undefined> {
    const listed = await this.#options.store.lifecycle.listAgents();
    const changes = listed.flatMap(({ lastChange }) => lastChange ?? []);
    return changes.length === 0 ? undefined : changes.reduce((last, at) => Math.max(last, at));
  }

  /** What the hooks' files add to an overview: how much it covers, where hooks saw anything, and their damaged lines. */
  async beside(
    agent: AgentName,
    overview: VerifiedOverview,
  ): Promise<{ overview: VerifiedOverview; coverage: Coverage | undefined }> {
    const { lifecycle, runs } = this.#options.store;
    const found = await lifecycle.overview(agent);
    if (found === undefined) return { overview, coverage: undefined };
    const { seen, unreadable } = found;
    const all = { ...overview, unreadable: overview.unreadable + unreadable };
    if (seen.started === 0) return { overview: all, coverage: undefined };
    // Another writer may have added to the log, or the note of a report may have failed.
    const since = await runs.existingKeys(agent, seen.unreported);
    const { started, ended } = seen;
    const coverage = {
      started,
      ended,
      reported: seen.reported + since.size,
      verified: overview.verified.verified.runs,
    };
    return { overview: all, coverage };
  }
}
