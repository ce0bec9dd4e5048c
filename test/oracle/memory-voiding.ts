import type { ObservedRun } from "../../src/domain/coverage/lifecycle-event.ts";
import type { RunEvidence } from "../../src/domain/evidence/evidence.ts";
import type { AgentName } from "../../src/domain/run/agent-name.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "../../src/domain/run/retention.ts";
import { keyTaken, notVoided, unknownRun } from "../../src/storage/refusals.ts";
import type { DryRunOption, NewVoiding, VoidedRun, Voiding } from "../../src/storage/store.ts";
import type { MemoryEvidence } from "./memory-evidence.ts";
import type { MemoryLifecycle } from "./memory-lifecycle.ts";
import { type MemoryRuns, renamed, type TakenRun } from "./memory-runs.ts";

interface Parts {
  readonly runs: MemoryRuns;
  readonly lifecycle: MemoryLifecycle;
  readonly evidence: MemoryEvidence;
}

interface Taken {
  readonly voided: VoidedRun;
  readonly run: TakenRun;
  readonly seen: ReadonlyMap<string, ObservedRun>;
  readonly known: ReadonlyMap<string, RunEvidence>;
}

/** Runs that were taken out of all parts of a store. */
export class MemoryVoiding implements Voiding {
  readonly #options: { readonly now: () => number; readonly retentionDays: RetentionDays };
  readonly #parts: Parts;
  readonly #taken = new Map<AgentName, Taken[]>();

  constructor(options: { readonly now: () => number; readonly retentionDays: RetentionDays }, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  async voidRun(agent: AgentName, voiding: NewVoiding, { dryRun = false }: DryRunOption = {}): Promise<VoidedRun> {
    const { evidence, lifecycle, runs } = this.#parts;
    const run = runs.takeOut(agent, voiding.id);
    if (run === undefined) throw unknownRun(agent, voiding.id);
    const voided = { ...voiding, agent, execution: run.execution, verifications: run.verifications };
    if (dryRun) {
      runs.putBack(agent, run);
      return voided;
    }
    const isMeant = (_: unknown, key: string) => key === run.execution.key;
    const seen = lifecycle.takeOut(agent, isMeant);
    const known = evidence.takeOut(
      agent,
      ({ facts }, key) => key === run.execution.key || facts.execution_id === voiding.id,
    );
    this.#taken.set(agent, [...(this.#taken.get(agent) ?? []), { voided, run, seen, known }]);
    return voided;
  }

  async undo(agent: AgentName, id: string, { dryRun = false }: DryRunOption = {}): Promise<VoidedRun> {
    const { evidence, lifecycle, runs } = this.#parts;
    const taken = this.#live(agent).find(({ voided }) => voided.id === id);
    if (taken === undefined) throw notVoided(agent, id);
    const { key } = taken.run.execution;
    const holder = key === undefined ? undefined : (await runs.lookUp(agent, [key])).get(key);
    if (holder !== undefined) throw keyTaken(id, holder.execution);
    if (dryRun) return taken.voided;
    runs.putBack(agent, taken.run);
    lifecycle.putBack(agent, taken.seen);
    evidence.putBack(agent, taken.known);
    this.#taken.set(
      agent,
      this.#live(agent).filter((other) => other !== taken),
    );
    return taken.voided;
  }

  async voidedRuns(agent: AgentName): Promise<readonly VoidedRun[]> {
    return this.#live(agent).map(({ voided }) => voided);
  }

  /** Gives everything to another agent, or to none. */
  give(from: AgentName, into: AgentName | undefined): void {
    const taken = this.#taken.get(from) ?? [];
    this.#taken.delete(from);
    if (into === undefined) return;
    const named = taken.map((one) => {
      const execution = renamed(one.run.execution, from, into);
      return { ...one, run: { ...one.run, execution }, voided: { ...one.voided, agent: into, execution } };
    });
    this.#taken.set(into, [...(this.#taken.get(into) ?? []), ...named]);
  }

  async close(): Promise<void> {}

  #live(agent: AgentName): Taken[] {
    const cutoff = retentionCutoff(this.#options.retentionDays, this.#options.now());
    return (this.#taken.get(agent) ?? []).filter(({ run }) => !hasExpired(run.execution.at, cutoff));
  }
}
