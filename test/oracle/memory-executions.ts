import { addToHistory, emptyHistory, viewWhole } from "../../src/domain/figures/history.ts";
import { summarise } from "../../src/domain/figures/summary.ts";
import { type AgentName, isSpelledLike } from "../../src/domain/run/agent-name.ts";
import { type Execution, isSameReport, readExecution } from "../../src/domain/run/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../../src/domain/run/filter.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "../../src/domain/run/retention.ts";
import { byCodePoint } from "../../src/domain/text/code-point-order.ts";
import { type MergeResult, mergeResultOf } from "../../src/domain/verification/merge-verifications.ts";
import { foldVerifications, type Verification, viewVerified } from "../../src/domain/verification/verification.ts";
import { KaizenError } from "../../src/errors.ts";
import { unknownRun, unreadableRun, usedIdentity } from "../../src/storage/refusals.ts";
import type {
  Appended,
  ExecutionStore,
  NewRun,
  NewVerification,
  Page,
  PageRequest,
  Preview,
  Pruned,
  ScannedRun,
  Verified,
  VerifiedOverview,
} from "../../src/storage/store.ts";
import { knownFrom, liveWhenEnded, sharingKey } from "./memory-duplicates.ts";

export interface MemoryAgentsOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  /** Takes a name for an agent; fails where it differs only in case or spelling from another that was taken. */
  readonly claim: (agent: AgentName) => void;
}

/** The runs of every agent, as long as the process lives. */
export class MemoryExecutions implements ExecutionStore {
  readonly #options: MemoryAgentsOptions;
  readonly #runs = new Map<AgentName, Execution[]>();
  /** Every verification of an agent's runs, in the order in which they were reported. */
  readonly #verifications = new Map<AgentName, Verification[]>();
  /** What runs from elsewhere were written as. */
  readonly #texts = new WeakMap<Execution, string>();
  readonly #changes = new Map<AgentName, number>();
  readonly #changedAt = new Map<AgentName, number>();
  #closed = false;

  constructor(options: MemoryAgentsOptions) {
    this.#options = options;
  }

  async append(agent: AgentName, run: NewRun): Promise<Appended> {
    this.#assertOpen();
    this.#options.claim(agent);
    const execution = readExecution(structuredClone(run.record));
    if (execution === undefined) throw unreadableRun();
    const runs = this.#runs.get(agent) ?? [];
    const counted = liveWhenEnded(runs, execution, this.#options.retentionDays);
    const first = run.origin === undefined ? sharingKey(counted, execution) : knownFrom(counted, execution, run.origin);
    if (first !== undefined) {
      if (!isSameReport(first.record, run.reported)) throw usedIdentity(agent, first, execution);
      return { execution: first, duplicate: true, ...(await this.#summarised(agent)) };
    }
    this.#runs.set(agent, [...runs, execution]);
    if (run.origin !== undefined) this.#texts.set(execution, run.origin.text);
    this.#changed(agent);
    return { execution, duplicate: false, ...(await this.#summarised(agent)) };
  }

  async #summarised(agent: AgentName): Promise<Pick<Appended, "overview" | "summary">> {
    const overview = await this.overview(agent);
    return { overview, summary: summarise(agent, overview.view) };
  }

  async preview(agent: AgentName, runs: readonly NewRun[]): Promise<Preview[]> {
    this.#assertOpen();
    const rehearsal = new MemoryExecutions({ ...this.#options, claim: () => {} });
    for (const [known, its] of this.#runs) rehearsal.#runs.set(known, [...its]);
    const previews: Preview[] = [];
    for (const run of runs) {
      try {
        previews.push({ kind: (await rehearsal.append(agent, run)).duplicate ? "duplicate" : "new" });
      } catch (error) {
        if (!(error instanceof KaizenError)) throw error;
        previews.push({ kind: "refused", error });
      }
    }
    return previews;
  }

  async verify(agent: AgentName, verification: NewVerification): Promise<Verified> {
    this.#assertOpen();
    const execution = this.#live(agent).find((run) => run.id === verification.execution_id);
    if (execution === undefined) throw unknownRun(agent, verification.execution_id);
    const { success: claimed, timestamp: executed_at } = execution;
    const verifications = [...(this.#verifications.get(agent) ?? []), { ...verification, agent, claimed, executed_at }];
    this.#verifications.set(agent, verifications);
    this.#changed(agent);
    const run = foldVerifications(verifications).get(verification.execution_id);
    if (run === undefined) throw new Error("a run that was just checked is among those checked");
    return { run, overview: await this.overview(agent) };
  }

  async mergeVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    this.#assertOpen();
    const results: MergeResult[] = [];
    for (const verification of verifications) {
      const [result = "unknown_run"] = await this.previewVerifications(agent, [verification]);
      if (result === "new") await this.verify(agent, verification);
      results.push(result);
    }
    return results;
  }

  async previewVerifications(agent: AgentName, verifications: readonly NewVerification[]): Promise<MergeResult[]> {
    this.#assertOpen();
    const dryRunSeen = [...(this.#verifications.get(agent) ?? [])];
    return verifications.map((verification) => {
      const run = this.#live(agent).find(({ id }) => id === verification.execution_id);
      if (run === undefined) return "unknown_run";
      const ofRun = dryRunSeen.filter(({ execution_id }) => execution_id === verification.execution_id);
      const result = mergeResultOf(ofRun, verification);
      if (result === "new")
        dryRunSeen.push({ ...verification, agent, claimed: run.success, executed_at: run.timestamp });
      return result;
    });
  }

  async overview(agent: AgentName): Promise<VerifiedOverview> {
    return this.overviewOf(agent, {});
  }

  async overviewOf(agent: AgentName, filter: ExecutionFilter): Promise<VerifiedOverview> {
    this.#assertOpen();
    const history = emptyHistory();
    const runs = this.#live(agent).filter((run) => matchesFilter(run, filter));
    for (const [place, run] of runs.entries()) addToHistory(history, run, place);
    const ids = new Set(runs.map((run) => run.id));
    const checked = foldVerifications(this.#verifications.get(agent) ?? []).values();
    const view = viewWhole(history);
    return { view, damagedLines: 0, verified: viewVerified(checked, (run) => ids.has(run.executionId)) };
  }

  async page(agent: AgentName, request: PageRequest): Promise<Page> {
    this.#assertOpen();
    const newestFirst = this.#live(agent)
      .filter((run) => matchesFilter(run, request.filter))
      .reverse();
    const start = request.cursor === undefined ? 0 : Number(request.cursor);
    const executions = newestFirst.slice(start, start + request.limit);
    const end = start + executions.length;
    return { executions, nextCursor: end < newestFirst.length ? String(end) : undefined };
  }

  async scan(
    agent: AgentName,
    filter: ExecutionFilter,
    use: (runs: readonly ScannedRun[]) => Promise<void>,
  ): Promise<void> {
    this.#assertOpen();
    const verifications = this.#verifications.get(agent) ?? [];
    for (const execution of this.#live(agent).filter((run) => matchesFilter(run, filter))) {
      const ofRun = verifications.filter((verification) => verification.execution_id === execution.id);
      await use([
        { execution, text: this.#texts.get(execution) ?? JSON.stringify(execution.record), verifications: ofRun },
      ]);
    }
  }

  async find(agent: AgentName, id: string): Promise<Execution | undefined> {
    this.#assertOpen();
    return this.#live(agent).find((run) => run.id === id);
  }

  async usedKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>> {
    this.#assertOpen();
    const used = new Set(this.#live(agent).map((run) => run.key));
    return new Set(keys.filter((key) => used.has(key)));
  }

  async listAgents(like?: string): Promise<AgentName[]> {
    this.#assertOpen();
    return [...this.#runs.keys()].filter((agent) => isSpelledLike(agent, like)).sort(byCodePoint);
  }

  async lastChanges(): Promise<ReadonlyMap<AgentName, number | undefined>> {
    this.#assertOpen();
    return new Map([...this.#runs.keys()].map((agent) => [agent, this.#changedAt.get(agent)]));
  }

  async unsafeAgents(): Promise<AgentName[]> {
    this.#assertOpen();
    return [];
  }

  async changeToken(agent?: AgentName): Promise<string> {
    this.#assertOpen();
    return JSON.stringify(agent === undefined ? [...this.#changes] : this.#changes.get(agent));
  }

  async prune(agent: AgentName): Promise<Pruned> {
    this.#assertOpen();
    const before = this.#runs.get(agent) ?? [];
    const kept = this.#live(agent);
    if (before.length > 0) this.#runs.set(agent, kept);
    if (before.length > kept.length) this.#changed(agent);
    return { removed: before.length - kept.length, kept: kept.length };
  }

  async sortByTime(agent: AgentName): Promise<boolean> {
    this.#assertOpen();
    const runs = this.#live(agent);
    let before = Number.NEGATIVE_INFINITY;
    const timed = runs.map((run) => {
      before = run.at ?? before;
      return { run, at: before };
    });
    // Before every time there is nothing, so that two such are told apart by no difference.
    const sorted = timed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at)).map(({ run }) => run);
    const hasMoved = sorted.some((run, place) => run !== runs[place]);
    if (hasMoved) this.#runs.set(agent, sorted);
    if (hasMoved) this.#changed(agent);
    return hasMoved;
  }

  async repair(): Promise<{ quarantined: number; mended: number }> {
    this.#assertOpen();
    return { quarantined: 0, mended: 0 };
  }

  async damage(): Promise<[]> {
    this.#assertOpen();
    return [];
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #changed(agent: AgentName): void {
    this.#changes.set(agent, (this.#changes.get(agent) ?? 0) + 1);
    this.#changedAt.set(agent, this.#options.now());
  }

  #live(agent: AgentName): Execution[] {
    const cutoff = retentionCutoff(this.#options.retentionDays, this.#options.now());
    return (this.#runs.get(agent) ?? []).filter((run) => !hasExpired(run.at, cutoff));
  }

  #assertOpen(): void {
    if (this.#closed) throw new KaizenError("CLOSED", "The store has been closed.");
  }
}
