import { idIdentity } from "../../domain/execution.ts";
import { addVerification, type Checks, type Verification, type VerifiedRun } from "../../domain/verification.ts";
import { unknownRun } from "../refusals.ts";
import type { NewCheck } from "../store.ts";
import { appendLines } from "./append.ts";
import { replaceFile } from "./atomic-file.ts";
import { decodeCheck, encodeCheck } from "./check-codec.ts";
import type { CheckView } from "./check-view.ts";
import {
  READ,
  readRange,
  removeFile,
  statusAt,
  statusOf,
  withFile,
  withFileAsync,
  withFileIfThere,
} from "./file-system.ts";
import { forEachLine } from "./lines.ts";
import type { LogView } from "./log-view.ts";
import type { LogWriterOptions } from "./log-writer.ts";

const NEWLINE = Buffer.from("\n");

/**
 * Everything that is done to the file of one agent's checks. Every method is called under the agent's lock, one at a
 * time, and nobody writes to the file without it: so a rewrite needs no more than to replace it.
 */
export class CheckWriter {
  readonly #options: LogWriterOptions;
  readonly #log: LogView;
  readonly #checks: CheckView;
  /** The log's rebuilds when the checkpoint was last looked after. */
  #seenRebuilds = 0;

  constructor(options: LogWriterOptions, log: LogView, checks: CheckView) {
    this.#options = options;
    this.#log = log;
    this.#checks = checks;
  }

  /** Appends a check, and gives its run with all that counts now. */
  async add(check: NewCheck): Promise<VerifiedRun> {
    const { agent, files, fileSystem } = this.#options;
    const wasThere = statusAt(fileSystem, files.verifications) !== undefined;
    const line = await withFileAsync(fileSystem, files.log, READ, async (log): Promise<Verification> => {
      const cutoff = this.#options.cutoff();
      await this.#log.catchUp(log, cutoff);
      const execution = this.#log.find(log, idIdentity(check.execution_id), cutoff);
      if (execution === undefined) throw unknownRun(agent, check.execution_id);
      const earlier = await this.#earlierChecks(log, cutoff, check.execution_id);
      const { success: claimed, timestamp: executed_at } = execution;
      return { ...check, agent, claimed, executed_at, ...(earlier === undefined ? {} : { earlier }) };
    });
    try {
      appendLines(fileSystem, files.verifications, encodeCheck(line));
    } catch (error) {
      if (!wasThere && statusAt(fileSystem, files.verifications)?.size === 0) {
        removeFile(fileSystem, files.verifications);
      }
      throw error;
    }
    await this.#keepCheckpoint();
    return addVerification(undefined, line);
  }

  async #earlierChecks(log: number, cutoff: number, id: string): Promise<Checks | undefined> {
    const { files, fileSystem } = this.#options;
    this.#endTornLine();
    return withFileIfThere(fileSystem, files.verifications, READ, async (checks) => {
      if (checks === undefined) return undefined;
      const checksEnd = statusOf(fileSystem, checks).size;
      return this.#checks.checksOf({ log, checks, checksEnd, cutoff }, id);
    });
  }

  /** Makes a new checkpoint where the log was read from its start, as after a rewrite: the old one holds for the old log. */
  async afterWork(): Promise<void> {
    if (this.#log.rebuilds === this.#seenRebuilds) return;
    this.#seenRebuilds = this.#log.rebuilds;
    await this.#keepCheckpoint();
  }

  /** The checks are on disk by now: that a derived file cannot be written is no reason to fail. */
  async #keepCheckpoint(): Promise<void> {
    const { files, fileSystem, layout, onNotice } = this.#options;
    try {
      if (statusAt(fileSystem, files.verifications) === undefined) return;
      await withFileAsync(fileSystem, files.verifications, READ, (checks) =>
        withFileAsync(fileSystem, files.log, READ, async (log) => {
          const cutoff = this.#options.cutoff();
          const checksEnd = statusOf(fileSystem, checks).size;
          await this.#log.catchUp(log, cutoff);
          await this.#checks.catchUp({ log, checks, checksEnd, cutoff });
        }),
      );
      if (!this.#checks.isCheckpointDue) return;
      layout.makeFolder(files.index);
      this.#checks.saveCheckpoint();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      onNotice(`the index of ${files.verifications} could not be written: ${why}`);
    }
  }

  /** Moves lines that hold no check to a quarantine of their own. Gives how many. */
  async repair(): Promise<number> {
    const { files, fileSystem } = this.#options;
    this.#endTornLine();
    const kept: Buffer[] = [];
    const unreadable: Buffer[] = [];
    await withFileIfThere(fileSystem, files.verifications, READ, async (checks) => {
      if (checks === undefined) return;
      await forEachLine(fileSystem, checks, { from: 0, to: statusOf(fileSystem, checks).size }, (bytes) => {
        const lines = decodeCheck(bytes) === undefined ? unreadable : kept;
        lines.push(Buffer.concat([bytes, NEWLINE]));
      });
    });
    if (unreadable.length === 0) return 0;
    // First into the quarantine, then out of the file: a crash in between leaves them in both, and loses nothing.
    appendLines(fileSystem, files.verificationsQuarantine, Buffer.concat(unreadable));
    replaceFile(fileSystem, files.verifications, Buffer.concat(kept), { durable: true });
    return unreadable.length;
  }

  /** A line that a crash has torn is ended: only then does it count, or count as damaged, and for everybody. */
  #endTornLine(): void {
    const { files, fileSystem } = this.#options;
    const size = statusAt(fileSystem, files.verifications)?.size ?? 0;
    if (size === 0) return;
    const last = withFile(fileSystem, files.verifications, READ, (fd) => readRange(fileSystem, fd, size - 1, size));
    if (!last.equals(NEWLINE)) appendLines(fileSystem, files.verifications, Buffer.alloc(0));
  }
}
