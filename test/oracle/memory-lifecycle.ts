import {
  isSameRun,
  type NewLifecycleEvent,
  type ObservedRun,
  withLifecycleEvent,
} from "../../src/domain/coverage/lifecycle-event.ts";
import { isExpiredRun, unlessExpired } from "../../src/domain/coverage/observed-runs.ts";
import { type AgentName, isSpelledLike } from "../../src/domain/run/agent-name.ts";
import { retentionCutoff } from "../../src/domain/run/retention.ts";
import { byCodePoint } from "../../src/domain/text/code-point-order.ts";
import { KaizenError } from "../../src/errors.ts";
import type { LifecycleOverview, LifecycleStore, ListedAgent } from "../../src/storage/store.ts";
import type { MemoryAgentsOptions } from "./memory-runs.ts";

/** What hooks saw, as long as the process lives. */
export class MemoryLifecycle implements LifecycleStore {
  readonly #options: MemoryAgentsOptions;
  readonly #runs = new Map<AgentName, Map<string, ObservedRun>>();
  readonly #changes = new Map<AgentName, number>();
  readonly #changedAt = new Map<AgentName, number>();
  #closed = false;

  constructor(options: MemoryAgentsOptions) {
    this.#options = options;
  }

  async observe(agent: AgentName, event: NewLifecycleEvent): Promise<ObservedRun> {
    this.#assertOpen();
    this.#options.claim(agent);
    const runs = this.#runs.get(agent) ?? new Map<string, ObservedRun>();
    this.#runs.set(agent, runs);
    const known = unlessExpired(runs.get(event.key), this.#cutoff);
    const run = withLifecycleEvent(known, event);
    runs.set(event.key, run);
    if (!isSameRun(known, run)) {
      this.#changes.set(agent, (this.#changes.get(agent) ?? 0) + 1);
      this.#changedAt.set(agent, this.#options.now());
    }
    return run;
  }

  async overview(agent: AgentName): Promise<LifecycleOverview | undefined> {
    this.#assertOpen();
    const all = this.#runs.get(agent);
    if (all === undefined) return undefined;
    const live = [...all].filter(([, run]) => !isExpiredRun(run, this.#cutoff));
    const count = (isMeant: (run: ObservedRun) => boolean) => live.filter(([, run]) => isMeant(run)).length;
    const seen = {
      started: live.length,
      ended: count((run) => run.ended),
      reported: count((run) => run.reported),
      unreported: live.flatMap(([key, run]) => (run.reported ? [] : [key])),
      assigned: new Map(live.flatMap(([key, { assigned }]) => (assigned === undefined ? [] : [[key, assigned]]))),
    };
    return { seen, unreadable: 0 };
  }

  async find(agent: AgentName, key: string): Promise<ObservedRun | undefined> {
    this.#assertOpen();
    return unlessExpired(this.#runs.get(agent)?.get(key), this.#cutoff);
  }

  async listAgents({ like }: { readonly like?: string | undefined } = {}): Promise<ListedAgent[]> {
    this.#assertOpen();
    const names = [...this.#runs.keys()].filter((agent) => isSpelledLike(agent, like)).sort(byCodePoint);
    return names.map((name) => ({ name, lastChange: this.#changedAt.get(name) }));
  }

  async changeToken(agent?: AgentName): Promise<string> {
    this.#assertOpen();
    return JSON.stringify(agent === undefined ? [...this.#changes] : this.#changes.get(agent));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  get #cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }

  #assertOpen(): void {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
  }
}
