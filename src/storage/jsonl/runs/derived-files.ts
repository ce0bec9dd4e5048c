import { encodeSummary } from "../../../adr004/run-line.ts";
import { type Summary, summarise } from "../../../domain/figures/summary.ts";
import type { Overview } from "../../store.ts";
import { replaceFile } from "../files/atomic-file.ts";
import { READ, withFileAsync } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { DamagedSegment } from "../key-index/segment.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import type { OwnLines } from "../projection/projection.ts";
import type { LogView } from "../run-view/log-view.ts";
import type { RunLine } from "../run-view/run-fold.ts";

/** What is live in a log, and its summary. */
export interface SummarisedLog {
  readonly overview: Overview;
  readonly summary: Summary;
}

/**
 * What is made from one agent's log and stands beside it: the summary, and the snapshot with its index. Every method is
 * called under the agent's lock. What was acknowledged is the log; when a derived file cannot be written, that is
 * noticed and made up for later.
 */
export class DerivedFiles {
  readonly #options: AgentContext;
  readonly #view: LogView;

  constructor(options: AgentContext, view: LogView) {
    this.#options = options;
    this.#view = view;
  }

  /** Brings the view up to date with the open log, and the summary with the view. */
  async summarise(fd: number, cutoff: number, own?: OwnLines<RunLine>): Promise<SummarisedLog> {
    const { agent, fileSystem, files } = this.#options;
    await this.#view.catchUp(fd, own);
    const view = await this.#view.ask(fd, () => this.#view.live(fd, cutoff));
    const summary = summarise(agent, view);
    try {
      replaceFile(fileSystem, files.summary, Buffer.from(encodeSummary(summary)), { durable: false });
    } catch (error) {
      this.#notice(error);
    }
    return { overview: { view, unreadable: this.#view.damagedLines }, summary };
  }

  /** Brings the summary up to date, and the snapshot, of a log that has to be there. */
  async refresh(): Promise<Overview> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const { overview } = await this.summarise(fd, this.#options.cutoff());
      await this.keep(fd);
      return overview;
    });
  }

  /** Writes a new snapshot, if so much was added that one is due. What it speaks of is on disk. */
  async keep(fd: number): Promise<void> {
    if (!this.#view.isSnapshotDue) return;
    const { layout, files } = this.#options;
    try {
      layout.makeFolder(files.index);
      await this.#saveSnapshot(fd);
    } catch (error) {
      this.#notice(error);
    }
  }

  async #saveSnapshot(fd: number): Promise<void> {
    try {
      this.#view.saveSnapshot(fd);
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      await this.#view.rebuild(fd);
      this.#view.saveSnapshot(fd);
    }
  }

  #notice(error: unknown): void {
    this.#options.onNotice(
      `the log is written, but not what is derived of ${this.#options.files.log}: ${reasonOf(error)}`,
    );
  }
}
