import { encodeSummary } from "../../../adr004/run-line.ts";
import { summarise } from "../../../domain/figures/summary.ts";
import type { Overview } from "../../store.ts";
import { replaceFile } from "../files/atomic-file.ts";
import { READ, withFileAsync } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import type { AppendedLines } from "../journal/append.ts";
import { DamagedSegment } from "../key-index/segment.ts";
import type { LogOptions } from "./log-options.ts";
import type { LogView } from "./log-view.ts";

/**
 * What is made from one agent's log and stands beside it: the summary, and the checkpoint with its index. Every method is
 * called under the agent's lock. What was acknowledged is the log; when a derived file cannot be written, that is
 * noticed and made up for later.
 */
export class DerivedFiles {
  readonly #options: LogOptions;
  readonly #view: LogView;

  constructor(options: LogOptions, view: LogView) {
    this.#options = options;
    this.#view = view;
  }

  /** Brings the view up to date with the open log, and the summary with the view. */
  async summarise(fd: number, cutoff: number, appended?: AppendedLines): Promise<Overview> {
    const { agent, fileSystem, files } = this.#options;
    await this.#view.catchUp(fd, appended);
    const view = await this.#view.ask(fd, () => this.#view.live(fd, cutoff));
    try {
      const summary = encodeSummary(summarise(agent, view));
      replaceFile(fileSystem, files.summary, Buffer.from(summary), { durable: false });
    } catch (error) {
      this.#notice(error);
    }
    return { view, unreadable: this.#view.damagedLines };
  }

  /** Both that and the checkpoint, of a log that has to be there. */
  async refresh(): Promise<Overview> {
    const { fileSystem, files } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, async (fd) => {
      const overview = await this.summarise(fd, this.#options.cutoff());
      await this.keep(fd);
      return overview;
    });
  }

  /** Makes a new checkpoint, where so much was added that one is due. What it speaks of is on disk. */
  async keep(fd: number): Promise<void> {
    if (!this.#view.isCheckpointDue) return;
    const { layout, files } = this.#options;
    try {
      layout.makeFolder(files.index);
      await this.#saveCheckpoint(fd);
    } catch (error) {
      this.#notice(error);
    }
  }

  async #saveCheckpoint(fd: number): Promise<void> {
    try {
      this.#view.saveCheckpoint(fd);
    } catch (error) {
      if (!(error instanceof DamagedSegment)) throw error;
      await this.#view.rebuild(fd);
      this.#view.saveCheckpoint(fd);
    }
  }

  #notice(error: unknown): void {
    this.#options.onNotice(
      `the log is written, but not what is derived of ${this.#options.files.log}: ${reasonOf(error)}`,
    );
  }
}
