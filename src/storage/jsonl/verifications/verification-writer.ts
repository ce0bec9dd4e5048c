import { quarantineOf } from "../../../adr004/catalogue.ts";
import { decodeVerification, encodeVerification, isExpiredVerification } from "../../../adr004/verification-line.ts";
import { mergeResultOf } from "../../../domain/verification/merge-verifications.ts";
import {
  addVerification,
  foldVerifications,
  type Said,
  type Verification,
} from "../../../domain/verification/verification.ts";
import { KaizenError } from "../../../errors.ts";
import { oneOfSeveral, unknownRun } from "../../refusals.ts";
import { verificationLine } from "../../shared/verification-line.ts";
import type { NewVerification, VerifyResult } from "../../store.ts";
import { READ, statusOf, withFileAsync, withFileIfThere } from "../files/file-system.ts";
import { appendLines, endLastLine } from "../journal/append.ts";
import type { LockedFiles } from "../journal/locked-files.ts";
import { moveToQuarantine, unless } from "../journal/quarantine.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { duePruning, maintain } from "../projection/maintain.ts";
import { isPruningDue } from "../projection/retention-policy.ts";
import type { LogView } from "../run-view/log-view.ts";
import type { VerificationPlaces } from "./verification-places.ts";
import type { VerificationView } from "./verification-view.ts";

/** What this process has read of one agent's log and verifications. */
export interface KnownOfRuns {
  readonly log: LogView;
  readonly places: VerificationPlaces;
  readonly verifications: VerificationView;
}

/** Everything that is done to the file of one agent's verifications. Every method is called under the agent's lock, one at a time. */
export class VerificationWriter {
  readonly #options: AgentContext;
  readonly #lockedFiles: LockedFiles;
  readonly #log: LogView;
  readonly #verifications: VerificationView;
  readonly #places: VerificationPlaces;
  /** The log's rebuilds when the checkpoint was last looked after. */
  #seenRebuilds = 0;

  constructor(options: AgentContext, lockedFiles: LockedFiles, known: KnownOfRuns) {
    this.#options = options;
    this.#lockedFiles = lockedFiles;
    this.#log = known.log;
    this.#places = known.places;
    this.#verifications = known.verifications;
  }

  /** Ends the log's last line if it is a run: only then what is said of it counts for every reader. */
  async endTail(): Promise<void> {
    const { files, fileSystem } = this.#options;
    if (await this.#log.reading((fd) => this.#log.hasRunInTail(fd))) endLastLine(fileSystem, files.log);
  }

  /** Appends a verification of a live run. */
  async add(verification: NewVerification, lock: HeldLock): Promise<VerifyResult> {
    const { agent, files, fileSystem } = this.#options;
    const cutoff = this.#options.cutoff();
    const { execution_id: id, withdrawn = false } = verification;
    const line = await this.#log.reading(async (log): Promise<Verification | KaizenError> => {
      const [execution, other] = this.#log.findById(log, id, cutoff);
      if (execution === undefined) return unknownRun(agent, id);
      if (other !== undefined && !withdrawn) return oneOfSeveral(agent, id);
      const said = await this.#saidBefore(log, cutoff, id);
      return verificationLine(agent, verification, execution, said);
    });
    if (line instanceof KaizenError) return { kind: "refused", error: line };
    // Reading on may have taken long.
    lock.confirm();
    appendLines(fileSystem, files.verifications, encodeVerification(line));
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
    appendLines(fileSystem, files.verifications, Buffer.concat(lines.map(encodeVerification)));
    await this.#maintain(lock);
    return results;
  }

  /** What would become of verifications that came now. Adds nothing, and takes no lock. */
  async preview(verifications: readonly NewVerification[]): Promise<VerifyResult[]> {
    return (await this.#compare(verifications)).results;
  }

  #compare(verifications: readonly NewVerification[]) {
    const { files, fileSystem } = this.#options;
    const cutoff = this.#options.cutoff();
    return this.#log.reading((log) =>
      withFileIfThere(fileSystem, files.verifications, READ, (fd) => this.#decide(verifications, log, cutoff, fd)),
    );
  }

  async #decide(verifications: readonly NewVerification[], log: number, cutoff: number, fd: number | undefined) {
    if (fd !== undefined) await this.#places.catchUp(fd);
    const lines: Verification[] = [];
    const results: VerifyResult[] = [];
    for (const verification of verifications) {
      const id = verification.execution_id;
      const [execution] = this.#log.findById(log, id, cutoff);
      if (execution === undefined) {
        results.push({ kind: "refused", error: unknownRun(this.#options.agent, id) });
        continue;
      }
      const inFile = fd === undefined ? [] : this.#places.verificationsOf(fd, id);
      const here = [...inFile, ...lines.filter((line) => line.execution_id === id)];
      const kind = mergeResultOf(here, verification);
      const known = foldVerifications(here).get(id);
      const line = verificationLine(this.#options.agent, verification, execution, known);
      if (kind === "new") lines.push(line);
      results.push({ kind, run: kind !== "new" && known !== undefined ? known : addVerification(known, line) });
    }
    return { results, lines };
  }

  async #saidBefore(log: number, cutoff: number, id: string): Promise<Said | undefined> {
    const { files, fileSystem } = this.#options;
    // Only a line that is ended counts, or counts as damaged, for every reader.
    endLastLine(fileSystem, files.verifications);
    return withFileIfThere(fileSystem, files.verifications, READ, async (verifications) => {
      if (verifications === undefined) return undefined;
      const verificationsEnd = statusOf(fileSystem, verifications).size;
      return this.#verifications.saidOf({ log, verifications, verificationsEnd, cutoff }, id);
    });
  }

  /** Looks after the file if the log was read from its start, as after a rewrite: what was known of it may not hold. */
  async afterWork(lock: HeldLock): Promise<void> {
    if (this.#log.rebuilds === this.#seenRebuilds) return;
    this.#seenRebuilds = this.#log.rebuilds;
    await this.#maintain(lock);
  }

  /** Takes out the verifications of runs that have expired by the clock, as a prune of the runs does. */
  async prune(lock: HeldLock): Promise<void> {
    await this.#maintain(lock, this.#options.cutoff());
  }

  /** Without a cutoff (ms) as far as the log agrees with the clock. */
  async #maintain(lock: HeldLock, pruneTo?: number): Promise<void> {
    const path = this.#options.files.verifications;
    const countAt = (cutoff: number) => this.#verifications.countByAge(cutoff);
    const file = {
      path,
      projection: this.#verifications.projection,
      catchUp: () => this.#catchUp(),
      pruneTo: async () => {
        if (pruneTo === undefined) return this.#duePruning();
        return isPruningDue(countAt(pruneTo)) ? pruneTo : undefined;
      },
      isExpired(line: Buffer, cutoff: number) {
        const verification = decodeVerification(line);
        return verification !== undefined && verification !== "blank" && isExpiredVerification(verification, cutoff);
      },
    };
    await maintain({ ...this.#options, lockedFiles: this.#lockedFiles }, file, lock);
  }

  async #catchUp(): Promise<void> {
    const { files, fileSystem } = this.#options;
    const cutoff = this.#options.cutoff();
    await withFileAsync(fileSystem, files.verifications, READ, (verifications) => {
      const verificationsEnd = statusOf(fileSystem, verifications).size;
      return this.#log.reading((log) => this.#verifications.catchUp({ log, verifications, verificationsEnd, cutoff }));
    });
  }

  /** The runs are the witnesses of the time. */
  #duePruning(): Promise<number | undefined> {
    const { cutoff, files, fileSystem, now } = this.#options;
    const clock = { cutoff: cutoff(), now: now() };
    return withFileAsync(fileSystem, files.log, READ, (fd) =>
      duePruning({ fileSystem, fd, end: this.#log.fingerprint.offset }, clock, (at) =>
        this.#verifications.countByAge(at),
      ),
    );
  }

  /** Moves lines that hold no verification to a quarantine of their own. Gives how many. */
  async repair(lock: HeldLock): Promise<number> {
    const { files, fileSystem } = this.#options;
    const path = files.verifications;
    const judge = unless((line) => decodeVerification(line) !== undefined);
    const { quarantined } = await this.#lockedFiles.replacing(() =>
      moveToQuarantine({ fileSystem, path, quarantine: quarantineOf(path), judge, lock }),
    );
    return quarantined;
  }
}
