import { decodeVoided } from "../../../adr004/voided-line.ts";
import { hasExpired } from "../../../domain/run/retention.ts";
import { keyTaken, notVoided } from "../../refusals.ts";
import { Mutex } from "../../shared/mutex.ts";
import { type VoidedEntry, voidedRun } from "../../shared/voided-run.ts";
import type { DryRunOption, NewVoiding, VoidedRun } from "../../store.ts";
import { READ, statusAt, withFileIfThere } from "../files/file-system.ts";
import { reasonOf, replacedMeanwhile } from "../files/fs-errors.ts";
import { linesOf } from "../files/layout.ts";
import { appendLines, appendToEach, endLastLine } from "../journal/append.ts";
import { LockedFiles } from "../journal/locked-files.ts";
import { type LineAction, rewriteLog } from "../journal/rewrite.ts";
import type { HeldLock } from "../lock/lock.ts";
import type { AgentContext } from "../projection/agent-context.ts";
import { LogView } from "../run-view/log-view.ts";
import { DerivedFiles } from "../runs/derived-files.ts";
import { sideJournals, standingIn } from "./lines-of-run.ts";
import { placeInTime } from "./place-in-time.ts";
import { findRunToVoid } from "./run-to-void.ts";
import { readEntries } from "./voided-entries.ts";

/**
 * The voided runs of one agent, within this process. A run that the log has counts, whatever the file of voided runs says:
 * so one that goes from one to the other is written first where it goes to, and a crash in between changes no figure.
 */
export class VoidedLog {
  readonly #options: AgentContext;
  readonly #turns = new Mutex();
  readonly #lockedFiles: LockedFiles;
  readonly #view: LogView;
  readonly #derived: DerivedFiles;

  constructor(options: AgentContext) {
    const { agent, files } = options;
    this.#options = options;
    // The lock is that of the log.
    this.#lockedFiles = new LockedFiles({ ...options, name: agent, paths: linesOf(files) });
    this.#view = new LogView(options);
    this.#derived = new DerivedFiles(options, this.#view);
  }

  get isIdle(): boolean {
    return this.#turns.isIdle;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  list(): Promise<VoidedRun[]> {
    return this.#turns.take(async () => {
      const voided = await this.#inForce();
      return [...voided.values()].map((entry) => voidedRun(this.#options.agent, entry));
    });
  }

  voidRun(voiding: NewVoiding, { dryRun = false }: DryRunOption): Promise<VoidedRun> {
    return this.#turns.take(() => {
      if (dryRun)
        return findRunToVoid(this.#options, this.#view, voiding).then(({ entry }) =>
          voidedRun(this.#options.agent, entry),
        );
      return this.#lockedFiles.locked((lock) => this.#void(voiding, lock));
    });
  }

  undo(id: string, { dryRun = false }: DryRunOption): Promise<VoidedRun> {
    return this.#turns.take(async () => {
      const { agent } = this.#options;
      if (dryRun) return voidedRun(agent, await this.#toPutBack(id));
      return this.#lockedFiles.locked((lock) => this.#putBack(id, lock));
    });
  }

  /** Takes out the voided runs that have expired by the clock. */
  prune(): Promise<void> {
    return this.#turns.take(() =>
      this.#lockedFiles.locked(async (lock) => {
        await this.#dropSideLines(lock);
        const cutoff = this.#options.cutoff();
        const { voided } = this.#options.files;
        const gone = [...(await this.#entries())].flatMap(([id, { execution }]) =>
          hasExpired(execution.at, cutoff) ? id : [],
        );
        await this.#dropEntries(voided, new Set(gone), lock);
      }),
    );
  }

  async #void(voiding: NewVoiding, lock: HeldLock): Promise<VoidedRun> {
    const { agent, files, fileSystem } = this.#options;
    endLastLine(fileSystem, files.log);
    const { bytes, entry, lines } = await findRunToVoid(this.#options, this.#view, voiding);
    lock.confirm();
    const takeBack = appendLines(fileSystem, files.voided, bytes, files.log);
    let dropped = 0;
    const decide = (line: Buffer, start: number): LineAction => {
      if (lines.get(start)?.equals(line) !== true) return "keep";
      dropped += 1;
      return "drop";
    };
    const isNeeded = () => dropped === lines.size;
    await this.#orTakeBack(takeBack, { id: voiding.id, isVoided: false }, async () => {
      if (!(await this.#rewrite(files.log, lock, decide, isNeeded))) throw replacedMeanwhile(files.log);
    });
    await this.#afterwards(() => this.#dropSideLines(lock));
    return voidedRun(agent, entry);
  }

  async #putBack(id: string, lock: HeldLock): Promise<VoidedRun> {
    const { agent, files, fileSystem } = this.#options;
    const entry = await this.#toPutBack(id);
    // First what stands beside the log: without its run it says nothing of any figure of runs.
    const additions: { path: string; lines: Buffer }[] = [];
    for (const journal of sideJournals) {
      const path = files[journal];
      const texts = new Set(entry.lines.flatMap((line) => line[journal] ?? []));
      const standing = await standingIn(fileSystem, path, texts);
      additions.push({ path, lines: asLines([...texts].filter((text) => !standing.has(text))) });
    }
    lock.confirm();
    const takeBack = appendToEach(fileSystem, additions);
    await this.#orTakeBack(takeBack, { id, isVoided: true }, () => this.#insert(entry, lock));
    await this.#afterwards(() => this.#dropEntries(files.voided, new Set([id]), lock));
    return voidedRun(agent, entry);
  }

  /** Puts the lines of a run into the log. */
  async #insert({ execution, lines }: VoidedEntry, lock: HeldLock): Promise<void> {
    const { files, fileSystem } = this.#options;
    const { line, place, repeats = [] } = lines[lines.length - 1] ?? lines[0];
    const bytes = asLines([line, ...repeats]);
    endLastLine(fileSystem, files.log);
    const { end, start } = await withFileIfThere(fileSystem, files.log, READ, async (fd) =>
      fd === undefined ? { start: 0, end: 0 } : placeInTime(fileSystem, fd, { at: execution.at, place }),
    );
    lock.confirm();
    if (start === end) return void appendLines(fileSystem, files.log, bytes, files.voided);
    let isIn = false;
    const decide = (next: Buffer, at: number): LineAction => {
      if (at !== start) return "keep";
      isIn = true;
      return { replaceBy: Buffer.concat([bytes, next, Buffer.from("\n")]) };
    };
    if (!(await this.#rewrite(files.log, lock, decide, () => isIn))) throw replacedMeanwhile(files.log);
  }

  async #toPutBack(id: string): Promise<VoidedEntry> {
    const { agent, cutoff } = this.#options;
    const entry = (await this.#inForce()).get(id);
    if (entry === undefined) throw notVoided(agent, id);
    const { key } = entry.execution;
    const holder = key === undefined ? undefined : await this.#inLog((fd) => this.#view.findByKey(fd, key, cutoff()));
    if (holder !== undefined) throw keyTaken(id, holder);
    return entry;
  }

  #entries(): Promise<Map<string, VoidedEntry>> {
    return readEntries(this.#options.fileSystem, this.#options.files.voided);
  }

  /** The runs that are voided and have not expired. */
  async #inForce(): Promise<Map<string, VoidedEntry>> {
    const cutoff = this.#options.cutoff();
    const entries = await this.#entries();
    const live = [...entries].filter(([, { execution }]) => !hasExpired(execution.at, cutoff));
    if (live.length === 0) return new Map();
    const isInLog = await this.#inLog((fd) => {
      return new Set(live.flatMap(([id]) => (this.#view.findById(fd, id, cutoff).length === 0 ? [] : id)));
    });
    return new Map(live.filter(([id]) => isInLog?.has(id) !== true));
  }

  /** Asks something about the log; `undefined` if there is none. */
  async #inLog<T>(question: (fd: number) => T): Promise<T | undefined> {
    const { files, fileSystem } = this.#options;
    if (statusAt(fileSystem, files.log) === undefined) return undefined;
    return this.#view.reading(question);
  }

  /** Takes out what stands of voided runs beside the log. A crash may have left it there. */
  async #dropSideLines(lock: HeldLock): Promise<void> {
    const { files, fileSystem } = this.#options;
    const voided = [...(await this.#inForce()).values()].flatMap(({ lines }) => lines);
    for (const journal of sideJournals) {
      const texts = new Set(voided.flatMap((line) => line[journal] ?? []));
      if ((await standingIn(fileSystem, files[journal], texts)).size === 0) continue;
      await this.#rewrite(files[journal], lock, (line) => (texts.has(line.toString()) ? "drop" : "keep"));
    }
  }

  async #dropEntries(path: string, ids: ReadonlySet<string>, lock: HeldLock): Promise<void> {
    if (ids.size === 0) return;

    await this.#rewrite(path, lock, (line) => {
      const read = decodeVoided(line);
      return read !== undefined && read !== "blank" && ids.has(read.id) ? "drop" : "keep";
    });
  }

  /** If the work fails, and the run stands where it stood, what was written before the work is taken back. */
  async #orTakeBack(
    takeBack: () => void,
    { id, isVoided }: { readonly id: string; readonly isVoided: boolean },
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const isAsBefore = await this.#inForce().then(
        (voided) => voided.has(id) === isVoided,
        // It may be needed: what is written twice counts once.
        () => false,
      );
      if (isAsBefore) takeBack();
      throw error;
    }
  }

  #rewrite(
    log: string,
    lock: HeldLock,
    decide: (line: Buffer, start: number) => LineAction,
    isNeeded = () => true,
  ): Promise<boolean> {
    const { fileSystem } = this.#options;
    return this.#lockedFiles.replacing(() => rewriteLog({ fileSystem, log, lock, decide, isNeeded }));
  }

  /** What is done once the log says what is asked for: that it fails is no reason to fail. */
  async #afterwards(work: () => Promise<void>): Promise<void> {
    const { files, onNotice } = this.#options;
    try {
      await this.#derived.refresh();
      await work();
    } catch (error) {
      onNotice(`${files.voided} is written, but what stands beside it could not be looked after: ${reasonOf(error)}`);
    }
  }
}

function asLines(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\n`).join(""));
}
