import { summarise } from "../../../domain/figures/summary.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { type ExecutionFilter, isEmptyFilter, matchesFilter } from "../../../domain/run/filter.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { KaizenError } from "../../../errors.ts";
import type { OnNotice } from "../../notice.ts";
import { GroupCommit } from "../../shared/group-commit.ts";
import { Mutex } from "../../shared/mutex.ts";
import type {
  Appended,
  DayOutcomes,
  NewRun,
  NewVerification,
  Page,
  PageRequest,
  ScannedRun,
  VerifiedOverview,
  VerifyOptions,
  VerifyResult,
} from "../../store.ts";
import { RunFigures } from "../run-view/figures.ts";
import type { FoldedRuns } from "../run-view/fold.ts";
import { RunPages } from "../run-view/paging.ts";
import { RunReader } from "../run-view/reading.ts";
import { KnownRuns } from "../run-view/reading-on.ts";
import { scanFiltered } from "../run-view/scan.ts";
import type { Database, Query } from "../server/database.ts";
import { Appender } from "./append.ts";
import { Verifier } from "./verify.ts";

export interface AgentRunsOptions {
  readonly database: Database;
  readonly agent: AgentName;
  readonly agentId: string;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
  readonly onNotice: OnNotice;
}

/** One agent's runs and their verifications, within this process: whose turn it is, and what is known. */
export class AgentRuns {
  readonly #options: AgentRunsOptions;
  readonly #turns = new Mutex();
  readonly #known: KnownRuns;
  readonly #appender: Appender;
  readonly #figures: RunFigures;
  readonly #pages: RunPages;
  readonly #verifier: Verifier;
  readonly reader: RunReader;
  readonly #appends = new GroupCommit(this.#turns, (runs) => this.#commit(runs));
  /** Others wrote between the last two appends of this process: what they write is asked for with each, as long as they do. */
  #hasCompany = false;

  constructor(options: AgentRunsOptions) {
    const { agentId, database } = options;
    this.#options = options;
    this.#known = new KnownRuns(options);
    this.#appender = new Appender(database, options);
    this.reader = new RunReader(database, agentId);
    this.#figures = new RunFigures(database, agentId, this.reader);
    this.#pages = new RunPages(database, agentId, this.reader);
    this.#verifier = new Verifier(database, options);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Resolves when the runs are kept. */
  append(runs: readonly NewRun[]): Promise<Appended> {
    return this.#appends.append(runs);
  }

  /** What would become of runs that came now. */
  preview(runs: readonly NewRun[]): Promise<Appended> {
    return this.#turns.take(async () => {
      const results = await this.#appender.preview(runs);
      await this.#known.catchUp();
      return { results, ...(await this.#summarised()) };
    });
  }

  /** Resolves when the verifications are kept. */
  verify(verifications: readonly NewVerification[], options: VerifyOptions): Promise<VerifyResult[]> {
    return this.#turns.take(() => this.#verifier.verify(verifications, options, () => this.cutoff));
  }

  async overview(filter: ExecutionFilter): Promise<VerifiedOverview> {
    const { cutoff } = this;
    const counted = await this.#turns.take(async () => {
      const folded = await this.#known.catchUp();
      if (isEmptyFilter(filter)) return this.#figures.overviewSince(folded, cutoff);
      return this.#figures.overviewOf(folded, filter, cutoff);
    });
    if (counted !== undefined) return counted;
    const { unreadable } = this.#known.current;
    return { ...(await scanFiltered(this.reader, { cutoff, filter })), unreadable };
  }

  days(): Promise<DayOutcomes[]> {
    return this.#turns.take(async () => this.#figures.days(await this.#known.catchUp(), this.cutoff));
  }

  page(request: PageRequest): Promise<Page> {
    return this.#pages.read(request, this.cutoff);
  }

  /** The runs that a filter picks, as they stand at the first step: what comes later has higher numbers. */
  async *scan(filter: ExecutionFilter): AsyncGenerator<readonly ScannedRun[]> {
    const { cutoff } = this;
    const end = await this.#pages.end();
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { next, runs } = await this.reader.someAfter(after, end.seq, cutoff);
      const picked = runs.filter(({ execution }) => matchesFilter(execution, filter));
      const verified = await this.reader.withVerifications(picked, end.check);
      // A log that was put in another order meanwhile has its runs elsewhere.
      if ((await this.#pages.end()).orders !== end.orders) {
        throw new KaizenError(
          "IO_ERROR",
          `The runs of ${this.#options.agent} were put in another order while they were read.`,
          {
            hint: "Read them again.",
          },
        );
      }
      if (verified.length > 0) yield verified;
      after = next;
    }
  }

  /** What was read by now. */
  get folded(): FoldedRuns {
    return this.#known.current;
  }

  /** The instant (ms) before which a run has expired by now. */
  get cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }

  /** Work on the agent's tables that leaves it open what this process knows. */
  inTurn<T>(work: (known: KnownRuns) => Promise<T>): Promise<T> {
    return this.#turns.take(() => work(this.#known));
  }

  async #commit(runs: readonly NewRun[]): Promise<Appended> {
    const { seq } = this.#known.current;
    const readAfter = this.#hasCompany ? (query: Query) => this.#known.readOn(query) : undefined;
    const { added, decisions, written } = await this.#appender.append(runs, readAfter);
    if (written !== undefined) this.#hasCompany = written.base !== seq;
    // If nothing else came, what was just sent need not be read back.
    if (written !== undefined && this.#known.takeOwn(added, written)) {
      await this.#known.saveIfFull(added.length, written);
    } else await this.#known.catchUp();
    return { results: decisions, ...(await this.#summarised()) };
  }

  /** What was read comes to. */
  async #summarised(): Promise<Pick<Appended, "overview" | "summary">> {
    const overview = await this.#figures.overviewSince(this.#known.current, this.cutoff);
    return { overview, summary: summarise(this.#options.agent, overview.view) };
  }
}
