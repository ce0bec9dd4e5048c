import { parseForeignObject } from "../../adr004/foreign-json.ts";
import { encodeIndentedJson } from "../../adr004/json-style.ts";
import { decodeEntry, decodeEvent, encodeAdvice } from "../../adr004/recommendation-line.ts";
import { missingAdvice } from "../../domain/coaching/merge-recommendations.ts";
import type { RecommendationEvent } from "../../domain/coaching/recommendation.ts";
import type { JsonObject } from "../../domain/text/json.ts";
import { KaizenError } from "../../errors.ts";
import type { Hurry } from "../hurry.ts";
import type { OnNotice } from "../notice.ts";
import type { Advice, AdviceStore, ForeignTexts, ReadAdvice } from "../store.ts";
import { readAnalysisText } from "./files/analysis-text.ts";
import { prepareReplacement } from "./files/atomic-file.ts";
import { stampOf } from "./files/change-token.ts";
import { type FileSystem, READ, readRange, statusOf, withFileAsync } from "./files/file-system.ts";
import { hasErrno, translateFsError } from "./files/fs-errors.ts";
import { type Layout, linesOf } from "./files/layout.ts";
import { pathsOfChanges } from "./files/places.ts";
import { appendToEach } from "./journal/append.ts";
import { forEachLine } from "./journal/lines.ts";
import { LockedFiles } from "./journal/locked-files.ts";
import type { HeldLock, Locks } from "./lock/lock.ts";

/**
 * Who is in a hurry reads these last bytes of the recommendations, some thousands of them, and more of what became of them:
 * advice whose end is not known would be taken for a proposal.
 */
const LAST_ENTRIES_BYTES = 1024 * 1024;
const LAST_EVENTS_BYTES = 4 * 1024 * 1024;
/** More than the longest line that a client can have us write. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

const noAdvice: Advice = { entries: [], events: [] };
const noTexts: ForeignTexts = new Map();

export interface JsonlAdviceOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  readonly onNotice: OnNotice;
  readonly hurry?: Hurry | undefined;
}

/** The optimizer's files: a report that is replaced whole, and a log of recommendations. */
export class JsonlAdvice implements AdviceStore {
  readonly #options: JsonlAdviceOptions;
  readonly #lockedFiles: LockedFiles;
  readonly #namedDamage = new Map<string, number>();

  constructor(options: JsonlAdviceOptions) {
    const { layout } = options;
    this.#options = options;
    this.#lockedFiles = new LockedFiles({
      ...options,
      name: "optimizer",
      paths: linesOf(layout.optimizer),
      prepareFolder: () => layout.makeFolder(layout.optimizer.folder),
    });
  }

  /** The report is on disk, under another name, before the advice is added: then no full disk parts the two. */
  writeAnalysis(report: JsonObject, advice = noAdvice, text = encodeIndentedJson(report)): Promise<string> {
    const { fileSystem, layout } = this.#options;
    return this.#write("writing the analysis", (lock) => {
      const bytes = Buffer.from(text);
      const replacement = prepareReplacement(fileSystem, layout.optimizer.analysis, bytes, { durable: true });
      let takeBack = () => {};
      try {
        takeBack = this.#append(advice, lock);
        replacement.commit();
      } catch (error) {
        takeBack();
        replacement.discard();
        throw error;
      }
      replacement.settle();
      return layout.optimizer.analysis;
    });
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    const path = this.#options.layout.optimizer.analysis;
    const text = await this.#withFile(path, async (fd) => readAnalysisText(this.#options.fileSystem, fd));
    if (text === undefined) return undefined;
    const report = parseForeignObject(text);
    if (report !== undefined) return report;
    throw new KaizenError("IO_ERROR", `${path} is not a JSON object, so that it cannot be shown.`, {
      hint: "Let the optimizer write a new one, or see `kaizen-metrics doctor`, which keeps what is there.",
    });
  }

  async readAdvice(): Promise<ReadAdvice> {
    const { layout } = this.#options;
    // Entries first: what is added in between is then an event of an unknown entry, and not an entry without its event.
    const entries = await this.#readLines(layout.optimizer.recommendations, decodeEntry, LAST_ENTRIES_BYTES);
    const events = await this.#readLines(layout.optimizer.recommendationEvents, decodeEvent, LAST_EVENTS_BYTES);
    return {
      entries: entries.read,
      events: events.read,
      unreadable: entries.damagedLines + events.damagedLines,
    };
  }

  merge(advice: Advice, texts = noTexts): Promise<Advice> {
    return this.#write("writing recommendations", async (lock) => {
      const missing = missingAdvice(await this.readAdvice(), advice);
      this.#append(missing, lock, texts);
      return missing;
    });
  }

  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice> {
    return this.#write("noting what became of a recommendation", async (lock) => {
      const event = decide(await this.readAdvice());
      if (event === undefined) return this.readAdvice();
      this.#append({ entries: [], events: [event] }, lock);
      return this.readAdvice();
    });
  }

  async changeToken(): Promise<string> {
    const { fileSystem, layout } = this.#options;
    const { optimizer } = layout.catalogue;
    return stampOf(fileSystem, pathsOfChanges(layout.optimizer.folder, optimizer, "advice"));
  }

  /**
   * Adds all or nothing while the lock is ours, and gives what takes it back again. The events go first: those of entries that a crash keeps from
   * following are passed over by every reader.
   */
  #append({ entries, events }: Advice, lock: HeldLock, texts = noTexts): () => void {
    const { fileSystem, layout } = this.#options;
    lock.confirm();
    return appendToEach(fileSystem, [
      { path: layout.optimizer.recommendationEvents, lines: encodeAdvice(events, texts) },
      { path: layout.optimizer.recommendations, lines: encodeAdvice(entries, texts) },
    ]);
  }

  /** Every line of a file that can be read, and how many cannot: one of those hides no other. */
  async #readLines<T extends object>(
    path: string,
    decode: (line: Buffer) => T | "blank" | undefined,
    lastBytes: number,
  ): Promise<{ read: T[]; damagedLines: number }> {
    const { fileSystem, hurry } = this.#options;
    const read: T[] = [];
    let damagedLines = 0;
    const add = (bytes: Buffer) => {
      const line = decode(bytes);
      if (line === undefined) return false;
      if (line !== "blank") read.push(line);
      return true;
    };
    await this.#withFile(path, async (fd) => {
      const { size } = statusOf(fileSystem, fd);
      const from = hurry === undefined ? 0 : Math.max(0, size - lastBytes);
      const end = await forEachLine(fileSystem, fd, { from, to: size }, (bytes, start) => {
        // Where only the end is read, it begins within a line.
        const isPart = start > 0 && start === from;
        if (!isPart && !add(bytes)) damagedLines += 1;
      });
      // What stands behind the last newline may be under way.
      if (size - end <= LONGEST_LINE_BYTES) add(readRange(fileSystem, fd, end, size));
    });
    this.#nameDamage(path, damagedLines);
    return { read, damagedLines };
  }

  /** Once for as long as they do not become more. */
  #nameDamage(path: string, damagedLines: number): void {
    const named = this.#namedDamage.get(path) ?? 0;
    this.#namedDamage.set(path, damagedLines);
    if (damagedLines <= named) return;
    const what = damagedLines === 1 ? "a line" : `${damagedLines} lines`;
    this.#options.onNotice(
      `set aside: ${what} of ${path} that cannot be read; \`kaizen-metrics doctor\` names them`,
      "damage",
    );
  }

  async #write<T>(doing: string, work: (lock: HeldLock) => T | Promise<T>): Promise<T> {
    try {
      return await this.#lockedFiles.locked(work);
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }

  async #withFile<T>(path: string, use: (fd: number) => Promise<T>): Promise<T | undefined> {
    const { fileSystem, layout } = this.#options;
    try {
      if (!layout.hasFolder(layout.optimizer.folder)) return undefined;
      return await withFileAsync(fileSystem, path, READ, use);
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return undefined;
      throw translateFsError(error, `reading ${path}`);
    }
  }
}
