import { decodeCheck, encodeCheck, isExpiredCheck } from "../../../adr004/verification-line.ts";
import { idIdentity } from "../../../domain/run/execution.ts";
import { type CheckFate, fateOfCheck } from "../../../domain/verification/merge-verifications.ts";
import {
  addVerification,
  type Checks,
  foldVerifications,
  type Verification,
  type VerifiedRun,
} from "../../../domain/verification/verification.ts";
import { unknownRun } from "../../refusals.ts";
import type { NewCheck } from "../../store.ts";
import { READ, statusAt, statusOf, withFileAsync, withFileIfThere } from "../files/file-system.ts";
import { reasonOf } from "../files/fs-errors.ts";
import { endLastLine } from "../journal/append.ts";
import { appendLockedLines, keepLines } from "../journal/locked-lines.ts";
import { setAside, unless } from "../journal/quarantine.ts";
import { supportedCutoff } from "../journal/supported-cutoff.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { LogOptions } from "../runs/log-options.ts";
import type { LogView } from "../runs/log-view.ts";
import { CheckPlaces } from "./verification-places.ts";
import type { CheckView } from "./verification-view.ts";

/** Everything that is done to the file of one agent's checks. Every method is called under the agent's lock, one at a time. */
export class CheckWriter {
  readonly #options: LogOptions;
  readonly #log: LogView;
  readonly #checks: CheckView;
  readonly #places: CheckPlaces;
  /** The log's rebuilds when the checkpoint was last looked after. */
  #seenRebuilds = 0;

  constructor(options: LogOptions, log: LogView, checks: CheckView) {
    this.#options = options;
    this.#log = log;
    this.#checks = checks;
    this.#places = new CheckPlaces(options.fileSystem);
  }

  /** Appends a check, and gives its run with all that counts now. */
  async add(check: NewCheck, lock: HeldLock): Promise<VerifiedRun> {
    const { agent, files, fileSystem } = this.#options;
    const line = await withFileAsync(fileSystem, files.log, READ, async (log): Promise<Verification> => {
      const cutoff = this.#options.cutoff();
      await this.#log.catchUp(log, cutoff);
      const id = idIdentity(check.execution_id);
      const execution = await this.#log.ask(log, cutoff, () => this.#log.find(log, id, cutoff));
      if (execution === undefined) throw unknownRun(agent, check.execution_id);
      const earlier = await this.#earlierChecks(log, cutoff, check.execution_id);
      const { success: claimed, timestamp: executed_at } = execution;
      return { ...check, agent, claimed, executed_at, ...(earlier === undefined ? {} : { earlier }) };
    });
    // Reading on may have taken long.
    lock.confirm();
    appendLockedLines(fileSystem, files.verifications, encodeCheck(line));
    await this.#maintain(lock);
    return addVerification(undefined, line);
  }

  /** Appends those checks from elsewhere that are not here, with one write, and says what became of each. */
  async merge(checks: readonly NewCheck[], lock: HeldLock): Promise<CheckFate[]> {
    const { files, fileSystem } = this.#options;
    endLastLine(fileSystem, files.verifications);
    const { fates, lines } = await this.#compare(checks);
    if (lines.length === 0) return fates;
    lock.confirm();
    appendLockedLines(fileSystem, files.verifications, Buffer.concat(lines.map(encodeCheck)));
    await this.#maintain(lock);
    return fates;
  }

  /** What would become of checks that came now. Adds nothing, and takes no lock. */
  async preview(checks: readonly NewCheck[]): Promise<CheckFate[]> {
    return (await this.#compare(checks)).fates;
  }

  #compare(checks: readonly NewCheck[]) {
    const { files, fileSystem } = this.#options;
    return withFileAsync(fileSystem, files.log, READ, (log) =>
      withFileIfThere(fileSystem, files.verifications, READ, (fd) => this.#decide(checks, log, fd)),
    );
  }

  async #decide(checks: readonly NewCheck[], log: number, fd: number | undefined) {
    const { agent } = this.#options;
    const cutoff = this.#options.cutoff();
    await this.#log.catchUp(log, cutoff);
    if (fd !== undefined) await this.#places.catchUp(fd);
    const lines: Verification[] = [];
    const fates: CheckFate[] = [];
    for (const check of checks) {
      const id = check.execution_id;
      const run = await this.#log.ask(log, cutoff, () => this.#log.find(log, idIdentity(id), cutoff));
      const inFile = fd === undefined ? [] : this.#places.checksOf(fd, id);
      const here = [...inFile, ...lines.filter((line) => line.execution_id === id)];
      const fate = run === undefined ? "unknown_run" : fateOfCheck(here, check);
      fates.push(fate);
      if (run === undefined || fate !== "new") continue;
      const { success: claimed, timestamp: executed_at } = run;
      const earlier = foldVerifications(here).get(id)?.checks;
      lines.push({ ...check, agent, claimed, executed_at, ...(earlier === undefined ? {} : { earlier }) });
    }
    return { fates, lines };
  }

  async #earlierChecks(log: number, cutoff: number, id: string): Promise<Checks | undefined> {
    const { files, fileSystem } = this.#options;
    // Only a line that is ended counts, or counts as damaged, for everybody.
    endLastLine(fileSystem, files.verifications);
    return withFileIfThere(fileSystem, files.verifications, READ, async (checks) => {
      if (checks === undefined) return undefined;
      const checksEnd = statusOf(fileSystem, checks).size;
      return this.#log.ask(log, cutoff, () => this.#checks.checksOf({ log, checks, checksEnd, cutoff }, id));
    });
  }

  /** Looks after the file where the log was read from its start, as after a rewrite: what was known of it may not hold. */
  async afterWork(lock: HeldLock): Promise<void> {
    if (this.#log.rebuilds === this.#seenRebuilds) return;
    this.#seenRebuilds = this.#log.rebuilds;
    await this.#maintain(lock);
  }

  /** Takes out the checks of runs that have expired by the clock, as a prune of the runs does. */
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
      if (this.#checks.isPruningDue(cutoff)) {
        const isKept = (line: Buffer) => {
          const check = decodeCheck(line);
          return check === undefined || check === "blank" || !isExpiredCheck(check, cutoff);
        };
        await keepLines(fileSystem, files.verifications, isKept, () => lock.confirm());
        await this.#catchUp(pruneTo);
      }
      if (!this.#checks.isCheckpointDue) return;
      layout.makeFolder(files.index);
      this.#checks.saveCheckpoint();
    } catch (error) {
      onNotice(`${files.verifications} is written, but could not be looked after: ${reasonOf(error)}`);
    }
  }

  /** Gives the cutoff (ms) up to which checks may be taken out. */
  async #catchUp(pruneTo: number | undefined): Promise<number> {
    const { files, fileSystem, now } = this.#options;
    const cutoff = this.#options.cutoff();
    return withFileAsync(fileSystem, files.verifications, READ, (checks) =>
      withFileAsync(fileSystem, files.log, READ, async (log) => {
        const checksEnd = statusOf(fileSystem, checks).size;
        await this.#log.catchUp(log, cutoff);
        await this.#log.ask(log, cutoff, () => this.#checks.catchUp({ log, checks, checksEnd, cutoff }));
        if (pruneTo !== undefined || !this.#checks.isPruningDue(cutoff)) return pruneTo ?? cutoff;
        return supportedCutoff(fileSystem, log, this.#log.offset, { cutoff, now: now() });
      }),
    );
  }

  /** Moves lines that hold no check to a quarantine of their own. Gives how many. */
  async repair(lock: HeldLock): Promise<number> {
    const { files, fileSystem } = this.#options;
    const { quarantined } = await setAside({
      fileSystem,
      path: files.verifications,
      quarantine: files.verificationsQuarantine,
      judge: unless((line) => decodeCheck(line) !== undefined),
      beforeReplacing: () => lock.confirm(),
    });
    return quarantined;
  }
}
