import { quarantineOf } from "../../../adr004/catalogue.ts";
import { decodeVerification, encodeVerification, isExpiredVerification } from "../../../adr004/verification-line.ts";
import { idIdentity } from "../../../domain/run/execution.ts";
import { mergeResultOf } from "../../../domain/verification/merge-verifications.ts";
import {
  addVerification,
  type Checks,
  foldVerifications,
  type Verification,
} from "../../../domain/verification/verification.ts";
import { unknownRun } from "../../refusals.ts";
import type { NewVerification, VerifyResult } from "../../store.ts";
import { READ, statusAt, statusOf, withFileAsync, withFileIfThere } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { endLastLine } from "../journal/append.ts";
import { appendLockedLines, keepLines } from "../journal/locked-lines.ts";
import { moveToQuarantine, unless } from "../journal/quarantine.ts";
import { supportedCutoff } from "../journal/supported-cutoff.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { LogOptions } from "../runs/log-options.ts";
import type { LogView } from "../runs/log-view.ts";
import { VerificationPlaces } from "./verification-places.ts";
import type { VerificationView } from "./verification-view.ts";

/** Everything that is done to the file of one agent's checks. Every method is called under the agent's lock, one at a time. */
export class VerificationWriter {
  readonly #options: LogOptions;
  readonly #log: LogView;
  readonly #verifications: VerificationView;
  readonly #places: VerificationPlaces;
  /** The log's rebuilds when the checkpoint was last looked after. */
  #seenRebuilds = 0;

  constructor(options: LogOptions, log: LogView, verifications: VerificationView) {
    this.#options = options;
    this.#log = log;
    this.#verifications = verifications;
    this.#places = new VerificationPlaces(options.fileSystem);
  }

  /** Appends a verification of a live run. */
  async add(verification: NewVerification, lock: HeldLock): Promise<VerifyResult> {
    const { agent, files, fileSystem } = this.#options;
    const line = await withFileAsync(fileSystem, files.log, READ, async (log): Promise<Verification | undefined> => {
      const cutoff = this.#options.cutoff();
      await this.#log.catchUp(log);
      const id = idIdentity(verification.execution_id);
      const execution = await this.#log.ask(log, () => this.#log.find(log, id, cutoff));
      if (execution === undefined) return undefined;
      const earlier = await this.#earlierVerifications(log, cutoff, verification.execution_id);
      const { success: claimed, timestamp: executed_at } = execution;
      return { ...verification, agent, claimed, executed_at, ...(earlier === undefined ? {} : { earlier }) };
    });
    if (line === undefined) return { kind: "refused", error: unknownRun(agent, verification.execution_id) };
    // Reading on may have taken long.
    lock.confirm();
    appendLockedLines(fileSystem, files.verifications, encodeVerification(line));
    await this.#maintain(lock);
    return { kind: "new", run: addVerification(undefined, line) };
  }

  /** Appends those verifications from elsewhere that are not here, with one write, and says what became of each. */
  async merge(verifications: readonly NewVerification[], lock: HeldLock): Promise<VerifyResult[]> {
    const { files, fileSystem } = this.#options;
    endLastLine(fileSystem, files.verifications);
    const { results, lines } = await this.#compare(verifications);
    if (lines.length === 0) return results;
    lock.confirm();
    appendLockedLines(fileSystem, files.verifications, Buffer.concat(lines.map(encodeVerification)));
    await this.#maintain(lock);
    return results;
  }

  /** What would become of verifications that came now. Adds nothing, and takes no lock. */
  async preview(verifications: readonly NewVerification[]): Promise<VerifyResult[]> {
    return (await this.#compare(verifications)).results;
  }

  #compare(verifications: readonly NewVerification[]) {
    const { files, fileSystem } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, (log) =>
      withFileIfThere(fileSystem, files.verifications, READ, (fd) => this.#decide(verifications, log, fd)),
    );
  }

  async #decide(verifications: readonly NewVerification[], log: number, fd: number | undefined) {
    const { agent } = this.#options;
    const cutoff = this.#options.cutoff();
    await this.#log.catchUp(log);
    if (fd !== undefined) await this.#places.catchUp(fd);
    const lines: Verification[] = [];
    const results: VerifyResult[] = [];
    for (const verification of verifications) {
      const id = verification.execution_id;
      const execution = await this.#log.ask(log, () => this.#log.find(log, idIdentity(id), cutoff));
      if (execution === undefined) {
        results.push({ kind: "refused", error: unknownRun(agent, id) });
        continue;
      }
      const inFile = fd === undefined ? [] : this.#places.verificationsOf(fd, id);
      const here = [...inFile, ...lines.filter((line) => line.execution_id === id)];
      const kind = mergeResultOf(here, verification);
      const known = foldVerifications(here).get(id);
      const { success: claimed, timestamp: executed_at } = execution;
      const earlier = known === undefined ? {} : { earlier: known.verifications };
      const line = { ...verification, agent, claimed, executed_at, ...earlier };
      if (kind === "new") lines.push(line);
      results.push({ kind, run: kind !== "new" && known !== undefined ? known : addVerification(known, line) });
    }
    return { results, lines };
  }

  async #earlierVerifications(log: number, cutoff: number, id: string): Promise<Checks | undefined> {
    const { files, fileSystem } = this.#options;
    // Only a line that is ended counts, or counts as damaged, for everybody.
    endLastLine(fileSystem, files.verifications);
    return withFileIfThere(fileSystem, files.verifications, READ, async (verifications) => {
      if (verifications === undefined) return undefined;
      const verificationsEnd = statusOf(fileSystem, verifications).size;
      return this.#log.ask(log, () =>
        this.#verifications.verificationsOf({ log, verifications, verificationsEnd, cutoff }, id),
      );
    });
  }

  /** Looks after the file where the log was read from its start, as after a rewrite: what was known of it may not hold. */
  async afterWork(lock: HeldLock): Promise<void> {
    if (this.#log.rebuilds === this.#seenRebuilds) return;
    this.#seenRebuilds = this.#log.rebuilds;
    await this.#maintain(lock);
  }

  /** Takes out the verifications of runs that have expired by the clock, as a prune of the runs does. */
  async prune(lock: HeldLock): Promise<void> {
    await this.#maintain(lock, this.#options.cutoff());
  }

  /**
   * Takes expired checks out and makes a new checkpoint, where either is due; without a cutoff (ms) as far as the log
   * agrees with the clock. What was acknowledged is on disk by now: that this fails is no reason to fail.
   */
  async #maintain(lock: HeldLock, pruneTo?: number): Promise<void> {
    const { files, fileSystem, layout, onNotice } = this.#options;
    try {
      if (statusAt(fileSystem, files.verifications) === undefined) return;
      const cutoff = await this.#catchUp(pruneTo);
      if (this.#verifications.isPruningDue(cutoff)) {
        const isKept = (line: Buffer) => {
          const verification = decodeVerification(line);
          return verification === undefined || verification === "blank" || !isExpiredVerification(verification, cutoff);
        };
        await keepLines(fileSystem, files.verifications, isKept, () => lock.confirm());
        await this.#catchUp(pruneTo);
      }
      if (!this.#verifications.isCheckpointDue) return;
      layout.makeFolder(files.index);
      this.#verifications.saveCheckpoint();
    } catch (error) {
      onNotice(`${files.verifications} is written, but could not be looked after: ${reasonOf(error)}`);
    }
  }

  /** Gives the cutoff (ms) up to which checks may be taken out. */
  async #catchUp(pruneTo: number | undefined): Promise<number> {
    const { files, fileSystem, now } = this.#options;
    const cutoff = this.#options.cutoff();
    return withFileAsync(fileSystem, files.verifications, READ, (verifications) =>
      withFileAsync(fileSystem, files.log, READ, async (log) => {
        const verificationsEnd = statusOf(fileSystem, verifications).size;
        await this.#log.catchUp(log);
        await this.#log.ask(log, () => this.#verifications.catchUp({ log, verifications, verificationsEnd, cutoff }));
        if (pruneTo !== undefined || !this.#verifications.isPruningDue(cutoff)) return pruneTo ?? cutoff;
        return supportedCutoff(fileSystem, log, this.#log.offset, { cutoff, now: now() });
      }),
    );
  }

  /** Moves lines that hold no verification to a quarantine of their own. Gives how many. */
  async repair(lock: HeldLock): Promise<number> {
    const { files, fileSystem } = this.#options;
    const { quarantined } = await moveToQuarantine({
      fileSystem,
      path: files.verifications,
      quarantine: quarantineOf(files.verifications),
      judge: unless((line) => decodeVerification(line) !== undefined),
      beforeReplacing: () => lock.confirm(),
    });
    return quarantined;
  }
}
