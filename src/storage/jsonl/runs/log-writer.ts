import type { ContentCounts } from "../../../adr004/content-counts.ts";
import { type DecodedLine, decodeLine, encodeLine } from "../../../adr004/run-line.ts";
import { type Decision, decideBatch, type NewDecision, needsContents } from "../../shared/batch.ts";
import type { Appended, NewRun } from "../../store.ts";
import { APPEND, removeFile, statusAt, withFileAsync } from "../files/file-system.ts";
import { reasonOf, replacedMeanwhile } from "../files/fs-errors.ts";
import { type AppendedLines, endTornLine, MAX_REPLACEMENTS, writeLines } from "../journal/append.ts";
import { LogFlush } from "../journal/log-flush.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { type OwnLines, Projection } from "../projection/projection.ts";
import { isPrunedAtOnce } from "../projection/retention-policy.ts";
import type { LogView } from "../run-view/log-view.ts";
import { type RunLine, runLine } from "../run-view/run-fold.ts";
import type { DerivedFiles, SummarisedLog } from "./derived-files.ts";
import { contentsFold } from "./log-contents.ts";
import type { LogUpkeep } from "./log-upkeep.ts";

export interface AppendedRuns extends Appended {
  /** Where expired runs should be taken out of the log after the answer: the cutoff (ms) to do it at. */
  readonly pruneTo: number | undefined;
}

/** Appends to one agent's log. Under the agent's lock, but for what is said to need none; one call at a time. */
export class LogWriter {
  readonly #options: AgentContext;
  readonly #view: LogView;
  readonly #contents: Projection<ContentCounts, DecodedLine>;
  readonly #derived: DerivedFiles;
  readonly #upkeep: LogUpkeep;
  readonly #flush: LogFlush;

  constructor(options: AgentContext, view: LogView, derived: DerivedFiles, upkeep: LogUpkeep) {
    this.#options = options;
    this.#view = view;
    this.#contents = new Projection({ fileSystem: options.fileSystem }, options.files.log, contentsFold);
    this.#flush = new LogFlush(options.fileSystem, options.files.log);
    this.#derived = derived;
    this.#upkeep = upkeep;
  }

  /** Appends the runs that are new, with one write and one flush, and says what became of each. */
  async append(runs: readonly NewRun[], lock: HeldLock): Promise<AppendedRuns> {
    const { fileSystem, files } = this.#options;
    const wasThere = statusAt(fileSystem, files.log) !== undefined;
    try {
      const appended = await this.#appendToLog(runs, lock);
      const { pruneTo } = appended;
      if (pruneTo === undefined || !isPrunedAtOnce(this.#view.fingerprint.offset)) return appended;
      await this.#upkeep.pruneIfPossible(lock, pruneTo);
      return { ...appended, pruneTo: undefined };
    } catch (error) {
      if (!wasThere && statusAt(fileSystem, files.log)?.size === 0) {
        removeFile(fileSystem, files.log);
        removeFile(fileSystem, files.summary);
      }
      throw error;
    }
  }

  async #appendToLog(runs: readonly NewRun[], lock: HeldLock): Promise<AppendedRuns> {
    const { fileSystem, files } = this.#options;
    for (let replacements = 0; replacements < MAX_REPLACEMENTS; replacements += 1) {
      const written = await withFileAsync(fileSystem, files.log, APPEND, async (fd) => {
        const cutoff = this.#options.cutoff();
        await this.#view.catchUp(fd);
        if (this.#view.hasRunInTail(fd)) {
          // It stands before ours, so it has to be known before it is decided what repeats what.
          endTornLine(fileSystem, fd);
          await this.#view.catchUp(fd);
        }
        const decisions = await this.#decide(fd, runs);
        const lines = decisions.flatMap((decision) => (decision.kind === "new" ? [newLine(decision)] : []));
        // Reading on may have taken long.
        lock.confirm();
        const before = this.#view.fingerprint.offset;
        const summarised = await this.#write(fd, cutoff, lines);
        if (summarised === undefined) return undefined;
        await this.#derived.keep(fd);
        return { results: decisions, ...summarised, pruneTo: await this.#upkeep.dueCutoff(fd, before, cutoff) };
      });
      if (written !== undefined) return written;
    }
    throw replacedMeanwhile(files.log);
  }

  /**
   * Writes lines, and sums up while they are flushed: the summary may speak of them for a moment before they are on disk.
   * `undefined` if another file took the log's place meanwhile.
   */
  async #write(fd: number, cutoff: number, lines: readonly NewLine[]): Promise<SummarisedLog | undefined> {
    const { fileSystem } = this.#options;
    this.#flush.begin();
    if (lines.length === 0) {
      // What a report repeats may have been written by a process that died, or failed, before it was on disk.
      await this.#flush.all(fd);
      return this.#derived.summarise(fd, cutoff);
    }
    const appended = writeLines(fileSystem, fd, Buffer.concat(lines.map(({ bytes }) => bytes)));
    const flushing = this.#flush.lines(fd, appended);
    const summing = this.#derived.summarise(fd, cutoff, ownLines(appended, lines));
    const [flushed, summed] = await Promise.allSettled([flushing, summing]);
    if (flushed.status === "rejected") {
      await this.#derived.refresh().catch((error: unknown) => this.#notice("the summary may be ahead of", error));
      throw flushed.reason;
    }
    if (!flushed.value) return undefined;
    if (summed.status === "fulfilled") return summed.value;
    // The runs are on disk by now, so that one failure to read them back is no reason to fail.
    this.#notice("reading back failed, once, in", summed.reason);
    return this.#derived.summarise(fd, cutoff);
  }

  /** What would become of runs that came now. Adds nothing, and takes no lock. */
  preview(runs: readonly NewRun[]): Promise<readonly Decision[]> {
    return this.#view.reading((fd) => this.#decide(fd, runs));
  }

  async #decide(fd: number, runs: readonly NewRun[]): Promise<readonly Decision[]> {
    if (needsContents(runs)) await this.#contents.read(fd);
    return this.#view.ask(fd, () =>
      decideBatch(this.#options.agent, runs, {
        retentionDays: this.#options.retentionDays,
        find: (identity) => this.#view.locate(fd, identity)?.execution,
        copies: (content) => this.#contents.current.state.count(content),
      }),
    );
  }

  #notice(what: string, error: unknown): void {
    this.#options.onNotice(`${what} ${this.#options.files.log}: ${reasonOf(error)}`);
  }
}

/** A line that is to be written, and what it says. */
interface NewLine {
  readonly bytes: Buffer;
  readonly line: RunLine;
}

/** A report is known as what it was decided about. What came from elsewhere is read as it will stand in the log. */
function newLine({ execution, run: { origin, record } }: NewDecision): NewLine {
  if (origin === undefined) return { bytes: Buffer.from(encodeLine(record)), line: runLine([execution]) };
  if (origin.text.includes("\n")) throw new Error("the text of a run stands on one line");
  const { damage, executions } = decodeLine(Buffer.from(origin.text));
  return { bytes: Buffer.from(`${origin.text}\n`), line: runLine(executions, damage) };
}

function ownLines(appended: AppendedLines, lines: readonly NewLine[]): OwnLines<RunLine> {
  let start = appended.start;
  const placed = lines.map(({ bytes, line }) => {
    start += bytes.length;
    return { line, start: start - bytes.length };
  });
  return { ...appended, lines: placed };
}
