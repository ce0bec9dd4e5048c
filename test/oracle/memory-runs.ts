import { readRun } from "../../src/adr004/run-line.ts";
import { summarise } from "../../src/domain/figures/summary.ts";
import { addToHistory, emptyHistory, viewWhole } from "../../src/domain/history/history.ts";
import { type AgentName, isSpelledLike } from "../../src/domain/run/agent-name.ts";
import { type Execution, isSameReport } from "../../src/domain/run/execution.ts";
import { type ExecutionFilter, matchesFilter } from "../../src/domain/run/filter.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "../../src/domain/run/retention.ts";
import { DAY_MS } from "../../src/domain/run/time.ts";
import { byCodePoint } from "../../src/domain/text/code-point-order.ts";
import { mergeResultOf } from "../../src/domain/verification/merge-verifications.ts";
import { foldVerifications, type Verification, verifiedOutcome } from "../../src/domain/verification/verification.ts";
import { viewVerified } from "../../src/domain/verification/verified-view.ts";
import { KaizenError } from "../../src/errors.ts";
import { oneOfSeveral, unknownRun, unreadableRun, usedIdentity } from "../../src/storage/refusals.ts";
import type {
  Appended,
  AppendResult,
  CalledRun,
  DayOutcomes,
  DryRunOption,
  FoundRun,
  ListedAgent,
  NewRun,
  NewVerification,
  Ordering,
  Page,
  PageRequest,
  Pruned,
  Retention,
  RunStore,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../../src/storage/store.ts";
import { knownFrom, liveWhenEnded, sharingKey } from "./memory-duplicates.ts";

export interface MemoryAgentsOptions {
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  /** Takes a name for an agent; fails where it differs only in case or spelling from another that was taken. */
  readonly claim: (agent: AgentName) => void;
}

/** A run that was taken out, and where it stood. */
export interface TakenRun {
  readonly execution: Execution;
  readonly place: number;
  readonly verifications: readonly Verification[];
}

/** The runs of every agent, as long as the process lives. */
export class MemoryRuns implements RunStore, Retention, Ordering {
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

  async append(agent: AgentName, runs: readonly NewRun[], { dryRun = false }: DryRunOption = {}): Promise<Appended> {
    this.#assertOpen();
    if (dryRun) {
      const { results } = await this.#copy().append(agent, runs);
      return this.#appended(agent, results);
    }
    this.#options.claim(agent);
    return this.#appended(
      agent,
      runs.map((run) => this.#appendOne(agent, run)),
    );
  }

  /** The figures are those of this moment, and are made once they are asked for: most tests ask for none. */
  #appended(agent: AgentName, results: readonly AppendResult[]): Appended {
    const runs = this.#live(agent);
    const verifications = this.#verifications.get(agent) ?? [];
    let made: VerifiedOverview | undefined;
    const overview = () => {
      made ??= overviewOf(runs, verifications);
      return made;
    };
    return {
      results,
      get overview() {
        return overview();
      },
      get summary() {
        return summarise(agent, overview().view);
      },
    };
  }

  #appendOne(agent: AgentName, run: NewRun): AppendResult {
    const execution = readRun(structuredClone(run.record));
    if (execution === undefined) return { kind: "refused", error: unreadableRun() };
    const runs = this.#runs.get(agent) ?? [];
    const counted = liveWhenEnded(runs, execution, this.#options.retentionDays);
    const first = run.origin === undefined ? sharingKey(counted, execution) : knownFrom(counted, execution, run.origin);
    if (first !== undefined) {
      if (isSameReport(first.record, run.reported)) return { kind: "duplicate", execution: first };
      return { kind: "refused", error: usedIdentity(agent, first, execution) };
    }
    this.#runs.set(agent, [...runs, execution]);
    if (run.origin !== undefined) this.#texts.set(execution, run.origin.text);
    this.#changed(agent);
    return { kind: "new", execution };
  }

  async verify(
    agent: AgentName,
    verifications: readonly NewVerification[],
    { dryRun = false, fromElsewhere = false }: VerifyOptions = {},
  ): Promise<VerifyResult[]> {
    this.#assertOpen();
    if (dryRun) return this.#copy().verify(agent, verifications, { fromElsewhere });
    return verifications.map((verification) => this.#verifyOne(agent, verification, fromElsewhere));
  }

  #verifyOne(agent: AgentName, verification: NewVerification, fromElsewhere: boolean): VerifyResult {
    const id = verification.execution_id;
    const execution = this.#live(agent).find((run) => run.id === id);
    if (execution === undefined) return { kind: "refused", error: unknownRun(agent, id) };
    if (!fromElsewhere && !verification.withdrawn && this.#called(agent, id).length > 1) {
      return { kind: "refused", error: oneOfSeveral(agent, id) };
    }
    const all = this.#verifications.get(agent) ?? [];
    const here = all.filter(({ execution_id }) => execution_id === id);
    const kind = fromElsewhere ? mergeResultOf(here, verification) : "new";
    const { success: claimed, timestamp: executed_at } = execution;
    const added = kind === "new" ? [{ ...verification, agent, claimed, executed_at }] : [];
    this.#verifications.set(agent, [...all, ...added]);
    if (kind === "new") this.#changed(agent);
    const run = foldVerifications([...here, ...added]).get(id);
    if (run === undefined) throw new Error("a run that was just verified is among those verified");
    return { kind, run };
  }

  /** What happens to it happens to no run of this store. */
  #copy(): MemoryRuns {
    const copy = new MemoryRuns({ ...this.#options, claim: () => {} });
    for (const [agent, runs] of this.#runs) copy.#runs.set(agent, [...runs]);
    for (const [agent, verifications] of this.#verifications) copy.#verifications.set(agent, [...verifications]);
    return copy;
  }

  async overview(agent: AgentName, filter: ExecutionFilter = {}): Promise<VerifiedOverview> {
    this.#assertOpen();
    const runs = this.#live(agent).filter((run) => matchesFilter(run, filter));
    return overviewOf(runs, this.#verifications.get(agent) ?? []);
  }

  async days(agent: AgentName): Promise<DayOutcomes[]> {
    this.#assertOpen();
    const checked = foldVerifications(this.#verifications.get(agent) ?? []);
    const counted = new Set<string>();
    const days = new Map<number, { day: number; runs: number; successes: number; verified: number }>();
    for (const { at, id, success } of this.#live(agent)) {
      if (at === undefined) continue;
      const day = Math.floor(at / DAY_MS);
      const one = days.get(day) ?? { day, runs: 0, successes: 0, verified: 0 };
      // What was said of runs that say exactly the same counts once.
      const said = counted.has(id) ? undefined : checked.get(id);
      counted.add(id);
      const found = said === undefined ? undefined : verifiedOutcome(said);
      days.set(day, one);
      one.runs += 1;
      if (found ?? success) one.successes += 1;
      if (found !== undefined) one.verified += 1;
    }
    return [...days.values()].sort((a, b) => a.day - b.day);
  }

  async page(agent: AgentName, request: PageRequest): Promise<Page> {
    this.#assertOpen();
    request.signal?.throwIfAborted();
    const newestFirst = this.#live(agent).reverse();
    const start = request.cursor === undefined ? 0 : Number(request.cursor);
    const { budget = newestFirst.length } = request;
    const matching = newestFirst
      .map((run, place) => ({ run, place }))
      .slice(start, start + budget)
      .filter(({ run }) => matchesFilter(run, request.filter));
    const shown = matching.slice(0, request.limit);
    const executions = shown.map(({ run }) => run);
    const isCut = matching.length > shown.length;
    const end = isCut ? (shown.at(-1)?.place ?? start) + 1 : Math.min(start + budget, newestFirst.length);
    const all = this.#verifications.get(agent) ?? [];
    const found = executions.flatMap(({ id }): [string, Verification[]][] => {
      const ofRun = all.filter(({ execution_id }) => execution_id === id);
      return ofRun.length === 0 ? [] : [[id, ofRun]];
    });
    return {
      executions,
      verifications: new Map(found),
      nextCursor: end < newestFirst.length ? String(end) : undefined,
      ...(request.budget === undefined ? {} : { searched: Math.min(budget, newestFirst.length - start) }),
    };
  }

  async *scan(agent: AgentName, filter: ExecutionFilter): AsyncGenerator<readonly ScannedRun[]> {
    this.#assertOpen();
    const verifications = this.#verifications.get(agent) ?? [];
    for (const execution of this.#live(agent).filter((run) => matchesFilter(run, filter))) {
      const ofRun = verifications.filter((verification) => verification.execution_id === execution.id);
      yield [{ execution, text: this.#texts.get(execution) ?? JSON.stringify(execution.record), verifications: ofRun }];
    }
  }

  async existingKeys(agent: AgentName, keys: readonly string[]): Promise<ReadonlySet<string>> {
    this.#assertOpen();
    const existing = new Set(this.#live(agent).map((run) => run.key));
    return new Set(keys.filter((key) => existing.has(key)));
  }

  async lookUp(agent: AgentName, keys: readonly string[]): Promise<ReadonlyMap<string, FoundRun>> {
    this.#assertOpen();
    const found = new Map<string, FoundRun>();
    for (const execution of this.#live(agent)) {
      const { id, key } = execution;
      if (key === undefined || !keys.includes(key) || found.has(key)) continue;
      const verifications = (this.#verifications.get(agent) ?? []).filter((one) => one.execution_id === id);
      found.set(key, { execution, verifications });
    }
    return found;
  }

  async find(agent: AgentName, id: string): Promise<CalledRun | undefined> {
    this.#assertOpen();
    const [execution, other] = this.#called(agent, id);
    if (execution === undefined) return undefined;
    const verifications = (this.#verifications.get(agent) ?? []).filter((one) => one.execution_id === id);
    return { execution, verifications, isOneOfSeveral: other !== undefined };
  }

  #called(agent: AgentName, id: string): Execution[] {
    return this.#live(agent).filter((run) => run.id === id);
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

  /** Takes a live run out, with its verifications. */
  takeOut(agent: AgentName, id: string): TakenRun | undefined {
    this.#assertOpen();
    const execution = this.#live(agent).find((run) => run.id === id);
    if (execution === undefined) return undefined;
    if (this.#called(agent, id).length > 1) throw oneOfSeveral(agent, id);
    const runs = this.#runs.get(agent) ?? [];
    const all = this.#verifications.get(agent) ?? [];
    this.#runs.set(agent, runs.toSpliced(runs.indexOf(execution), 1));
    this.#verifications.set(
      agent,
      all.filter((one) => one.execution_id !== id),
    );
    this.#changed(agent);
    return { execution, place: runs.indexOf(execution), verifications: all.filter((one) => one.execution_id === id) };
  }

  putBack(agent: AgentName, { execution, place, verifications }: TakenRun): void {
    const runs = this.#runs.get(agent) ?? [];
    const { at = Number.POSITIVE_INFINITY } = execution;
    const isNotLater = (run: Execution | undefined) => run?.at === undefined || run.at <= at;
    const fits = isNotLater(runs[place - 1]) && (runs[place]?.at ?? at) >= at;
    this.#runs.set(agent, runs.toSpliced(fits ? place : runs.findLastIndex(isNotLater) + 1, 0, execution));
    this.#verifications.set(agent, [...(this.#verifications.get(agent) ?? []), ...verifications]);
    this.#changed(agent);
  }

  /** How many runs of an agent there are, also those that have expired. */
  linesOf(agent: AgentName): number {
    return this.#runs.get(agent)?.length ?? 0;
  }

  /** Gives everything to another agent, in the order of time and without what repeats another run, or to none. */
  give(from: AgentName, into: AgentName | undefined): void {
    const runs = this.#runs.get(from) ?? [];
    const verifications = this.#verifications.get(from) ?? [];
    for (const kept of [this.#runs, this.#verifications]) kept.delete(from);
    this.#changed(from);
    if (into === undefined || runs.length === 0) return;
    const all = [...(this.#runs.get(into) ?? []), ...runs.map((run) => renamed(run, from, into))];
    const kept: Execution[] = [];
    for (const run of all.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
      const counted = liveWhenEnded(kept, run, this.#options.retentionDays);
      if (sharingKey(counted, run) === undefined) kept.push(run);
    }
    this.#runs.set(into, kept);
    const named = verifications.map((one) => ({ ...one, agent: into }));
    this.#verifications.set(into, [...(this.#verifications.get(into) ?? []), ...named]);
    this.#changed(into);
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

function overviewOf(runs: readonly Execution[], verifications: readonly Verification[]): VerifiedOverview {
  const history = emptyHistory();
  for (const [place, run] of runs.entries()) addToHistory(history, run, place);
  const ids = new Set(runs.map((run) => run.id));
  const verified = viewVerified(foldVerifications(verifications).values(), (run) => ids.has(run.executionId));
  return { view: viewWhole(history), unreadable: 0, verified };
}

/** A run that names its agent, with another name in its place. */
export function renamed(run: Execution, from: AgentName, into: AgentName): Execution {
  return (run.record.agent === from ? readRun({ ...run.record, agent: into }) : undefined) ?? run;
}
