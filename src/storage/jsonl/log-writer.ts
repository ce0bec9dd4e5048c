import { summarise } from "../../domain/summary.ts";
import type { NewRun, Overview, Pruned, Repaired } from "../store.ts";
import { appendLines, appendToOpen, endLastLine, endTornLine, MAX_REPLACEMENTS } from "./append.ts";
import { replaceFile } from "./atomic-file.ts";
import { type Decision, decideBatch, needsContents } from "./batch.ts";
import { decodeLine, encodeLine, encodeSummary } from "./codec.ts";
import { finishDrains } from "./drain.ts";
import { isPruningDue, pruneFate, repairFate } from "./fates.ts";
import { APPEND, type FileSystem, READ, removeFile, statusAt, statusOf, withFileAsync } from "./file-system.ts";
import type { AgentFiles, Layout } from "./layout.ts";
import { type LineOrder, orderLines } from "./line-order.ts";
import { forEachLine } from "./lines.ts";
import type { HeldLock } from "./lock.ts";
import { LogContents } from "./log-contents.ts";
import type { LogView } from "./log-view.ts";
import { type LineFate, rewriteLog } from "./rewrite.ts";
import { DamagedSegment } from "./segment.ts";

export interface LogWriterOptions {
  readonly agent: string;
  readonly files: AgentFiles;
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly now: () => number;
  /** The instant (ms) before which a run has expired, as of now. */
  readonly cutoff: () => number;
  readonly onNotice: (message: string) => void;
}

export interface AppendedRuns {
  /** What became of each run, in their order. */
  readonly decisions: readonly Decision[];
  readonly overview: Overview;
}

/**
 * Everything that is done to one agent's files. Every method is called under the agent's lock, one at a time. What was
 * acknowledged is the log; when a derived file cannot be written, that is noticed and made up for later.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #view: LogView;
  readonly #contents: LogContents;
  /** Whether a rewrite, by whomever, may have left an old file that late lines have to be carried over from. */
  #mayHaveDrains = true;
  #lastLog: string | undefined;

  constructor(options: LogWriterOptions, view: LogView) {
    this.#options = options;
    this.#view = view;
    this.#contents = new LogContents(options.fileSystem);
  }

  /** Sets right what a killed rewrite has left. Comes before any other method, each time the lock has been taken. */
  begin(): void {
    const { fileSystem, files, now } = this.#options;
    // Another file in the place of the log that we know may mean that somebody has rewritten it.
    const log = statusAt(fileSystem, files.log)?.identity;
    if (this.#mayHaveDrains || log !== this.#lastLog) {
      this.#mayHaveDrains = finishDrains(fileSystem, files.log, now());
    }
    this.#lastLog = log;
  }

  /** Appends the runs that are new, with one write and one flush, and says what became of each. */
  async append(runs: readonly NewRun[], lock: HeldLock): Promise<AppendedRuns> {
    const { fileSystem, files } = this.#options;
    const wasThere = statusAt(fileSystem, files.log) !== undefined;
    try {
      const { decisions, overview, isPruningDue } = await this.#appendToLog(runs, lock);
      if (!isPruningDue) return { decisions, overview };
      return { decisions, overview: (await this.#pruneIfPossible(lock)) ?? overview };
    } catch (error) {
      if (!wasThere && statusAt(fileSystem, files.log)?.size === 0) removeFile(fileSystem, files.log);
      throw error;
    }
  }

  async #appendToLog(
    runs: readonly NewRun[],
    lock: HeldLock,
  ): Promise<AppendedRuns & { readonly isPruningDue: boolean }> {
    const { fileSystem, files } = this.#options;
    for (let replacements = 0; replacements < MAX_REPLACEMENTS; replacements += 1) {
      const written = await withFileAsync(fileSystem, files.log, APPEND, async (fd) => {
        const cutoff = this.#options.cutoff();
        await this.#view.catchUp(fd, cutoff);
        if (this.#view.hasRunInTail(fd)) {
          // It stands before ours, so it has to be known before it is decided what repeats what.
          endTornLine(fileSystem, fd);
          await this.#view.catchUp(fd, cutoff);
        }
        const decisions = await this.#decide(fd, cutoff, runs);
        const lines = decisions.flatMap((decision) => (decision.kind === "new" ? [lineOf(decision.run)] : []));
        // Reading on may have taken long.
        lock.confirm();
        const isInLog = lines.length === 0 || appendToOpen(fileSystem, files.log, fd, Buffer.from(lines.join("")));
        if (!isInLog) return undefined;
        const overview = await this.#derive(fd, cutoff).catch((error: unknown) => {
          // The runs are on disk by now, so that one failure to read them back is no reason to fail.
          this.#notice("reading back failed, once, in", error);
          return this.#derive(fd, cutoff);
        });
        return { decisions, overview, isPruningDue: isPruningDue(this.#view.countByAge(cutoff)) };
      });
      if (written !== undefined) return written;
    }
    throw new Error(`${files.log} was replaced again and again while appending to it`);
  }

  /** What would become of runs that came now. Adds nothing, and takes no lock. */
  async preview(runs: readonly NewRun[]): Promise<readonly Decision[]> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const cutoff = this.#options.cutoff();
      await this.#view.catchUp(fd, cutoff);
      return this.#decide(fd, cutoff, runs);
    });
  }

  async #decide(fd: number, cutoff: number, runs: readonly NewRun[]): Promise<readonly Decision[]> {
    if (needsContents(runs)) await this.#contents.catchUp(fd);
    return this.#view.ask(fd, cutoff, () =>
      decideBatch(this.#options.agent, runs, {
        find: (identity) => this.#view.find(fd, identity, cutoff),
        copies: (record) => this.#contents.count(record),
      }),
    );
  }

  /** Takes expired runs out of the log. */
  async prune(lock: HeldLock): Promise<Pruned> {
    const removed = await this.#rewriteExpired(lock);
    const { view } = await this.#refresh();
    return { removed, kept: view.tally.runs };
  }

  /** Puts the lines in the order of time, every byte of them. Gives whether any moved. */
  async arrange(lock: HeldLock): Promise<boolean> {
    // What comes behind a line without its newline would be glued to it.
    endLastLine(this.#options.fileSystem, this.#options.files.log);
    const order = await this.order();
    if (order.sorted === undefined) return false;
    await this.#rewrite(lock, () => "keep", order);
    await this.#refresh();
    return true;
  }

  /** The order in which the lines should stand. Takes no lock. */
  async order(): Promise<LineOrder> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const cutoff = this.#options.cutoff();
      await this.#view.catchUp(fd, cutoff);
      return orderLines({ fileSystem, fd, cutoff, repeats: this.#view.repeats });
    });
  }

  /** Moves what cannot be read to the quarantine, and gives every record that can be read a line of its own. */
  async repair(lock: HeldLock): Promise<Repaired> {
    const { fileSystem, files } = this.#options;
    const unreadable: Buffer[] = [];
    let mended = 0;
    // Under the lock nobody is still at a last line without its newline: it was torn by a crash.
    endLastLine(fileSystem, files.log);
    await this.#scan((bytes) => {
      if (decodeLine(bytes).damage?.lost) unreadable.push(Buffer.from(bytes), Buffer.from("\n"));
      else if (repairFate(bytes) !== "keep") mended += 1;
    });
    // First into the quarantine, then out of the log: a crash in between leaves them in both, and loses nothing.
    if (unreadable.length > 0) appendLines(fileSystem, files.quarantine, Buffer.concat(unreadable));
    if (unreadable.length > 0 || mended > 0) await this.#rewrite(lock, repairFate);
    await this.#refresh();
    return { quarantined: unreadable.length / 2, mended };
  }

  async #pruneIfPossible(lock: HeldLock): Promise<Overview | undefined> {
    try {
      await this.#rewriteExpired(lock);
      return await this.#refresh();
    } catch (error) {
      this.#notice("expired runs could not be taken out of", error);
      return undefined;
    }
  }

  async #rewriteExpired(lock: HeldLock): Promise<number> {
    const cutoff = this.#options.cutoff();
    let removed = 0;
    await this.#scan((bytes) => {
      removed += pruneFate(bytes, cutoff).removed;
    });
    if (removed > 0) await this.#rewrite(lock, (bytes) => pruneFate(bytes, cutoff).fate);
    return removed;
  }

  async #rewrite(lock: HeldLock, fateOf: (bytes: Buffer) => LineFate, order?: LineOrder): Promise<void> {
    const { fileSystem, files, now } = this.#options;
    this.#mayHaveDrains = true;
    await rewriteLog({
      fileSystem,
      log: files.log,
      fateOf,
      ...(order && { order }),
      beforeReplacing: () => lock.confirm(),
    });
    this.#mayHaveDrains = finishDrains(fileSystem, files.log, now());
    this.#lastLog = statusAt(fileSystem, files.log)?.identity;
  }

  async #scan(useLine: (bytes: Buffer) => void): Promise<void> {
    const { fileSystem, files } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return;
    await withFileAsync(fileSystem, files.log, READ, async (fd) => {
      await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
    });
  }

  async #refresh(): Promise<Overview> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, (fd) => this.#derive(fd, this.#options.cutoff()));
  }

  /** Brings the view up to date with the log, and the derived files with the view. */
  async #derive(fd: number, cutoff: number): Promise<Overview> {
    const { agent, fileSystem, files } = this.#options;
    await this.#view.catchUp(fd, cutoff);
    const view = await this.#view.ask(fd, cutoff, () => this.#view.live(fd, cutoff));
    try {
      const summary = encodeSummary(summarise(agent, view));
      replaceFile(fileSystem, files.summary, Buffer.from(summary), { durable: false });
      if (this.#view.isCheckpointDue) await this.#saveCheckpoint(fd, cutoff);
    } catch (error) {
      this.#notice("the log is written, but not what is derived of", error);
    }
    return { view, damagedLines: this.#view.damagedLines };
  }

  async #saveCheckpoint(fd: number, cutoff: number): Promise<void> {
    const { layout, files } = this.#options;
    layout.makeFolder(files.index);
    try {
      this.#view.saveCheckpoint(fd, cutoff);
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      await this.#view.rebuild(fd, cutoff);
      this.#view.saveCheckpoint(fd, cutoff);
    }
  }

  #notice(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#options.onNotice(`${what} ${this.#options.files.log}: ${why}`);
  }
}

function lineOf({ origin, record }: NewRun): string {
  if (origin === undefined) return encodeLine(record);
  if (origin.text.includes("\n")) throw new Error("the text of a run stands on one line");
  return `${origin.text}\n`;
}
