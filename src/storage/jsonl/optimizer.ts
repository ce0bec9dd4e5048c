import * as z from "zod";
import { missingAdvice } from "../../domain/advice-from-elsewhere.ts";
import { isJsonObject, type JsonObject } from "../../domain/json.ts";
import { type RecommendationEvent, recommendationEventSchema } from "../../domain/recommendation.ts";
import { KaizenError } from "../../errors.ts";
import type { Advice, OptimizerStore, ReadAdvice, RecommendationEntry } from "../store.ts";
import { appendLines } from "./append.ts";
import { replaceFile } from "./atomic-file.ts";
import { encodeLine, withoutUndefined } from "./codec.ts";
import { finishDrains } from "./drain.ts";
import { type FileSystem, READ, readRange, statusOf, withFile } from "./file-system.ts";
import { hasErrno, translateFsError } from "./fs-errors.ts";
import { encodeIndentedJson } from "./json-style.ts";
import type { Layout } from "./layout.ts";
import type { Locks } from "./lock.ts";
import { stampOf } from "./stamp.ts";

const entrySchema = z.looseObject({
  timestamp: z.string(),
  agent: z.string(),
  metrics_count: z.int(),
  recommendations: z.array(z.record(z.string(), z.json())),
});

export interface JsonlOptimizerOptions {
  readonly fileSystem: FileSystem;
  readonly layout: Layout;
  readonly locks: Locks;
  readonly now: () => number;
  readonly onNotice: (message: string) => void;
}

/** The optimizer's files: a report that is replaced whole, and a log of recommendations. */
export class JsonlOptimizer implements OptimizerStore {
  readonly #options: JsonlOptimizerOptions;
  readonly #namedDamage = new Map<string, number>();

  constructor(options: JsonlOptimizerOptions) {
    this.#options = options;
  }

  writeAnalysis(report: JsonObject): Promise<string> {
    const { fileSystem, layout } = this.#options;
    return this.#write("writing the analysis", () => {
      replaceFile(fileSystem, layout.analysis, Buffer.from(encodeIndentedJson(report)), { durable: true });
      return layout.analysis;
    });
  }

  async readAnalysis(): Promise<JsonObject | undefined> {
    const path = this.#options.layout.analysis;
    const text = this.#read(path);
    if (text === undefined) return undefined;
    const report = parseJson(text);
    if (isJsonObject(report)) return report;
    throw new KaizenError("IO_ERROR", `${path} is not a JSON object, so that it cannot be shown.`, {
      hint: "Let the optimizer write a new one, or see `kaizen-metrics doctor`, which keeps what is there.",
    });
  }

  /** The events go first: those of entries that a crash keeps from following are passed over by every reader. */
  appendRecommendations(
    entries: readonly RecommendationEntry[],
    events: readonly RecommendationEvent[] = [],
  ): Promise<void> {
    const { layout } = this.#options;
    const lines = entries.map((entry) => ({ ...entry, recommendations: [...entry.recommendations] }));
    return this.#write("writing recommendations", () => {
      this.#append(layout.recommendationEvents, events);
      this.#append(layout.recommendations, lines);
    });
  }

  async readAdvice(): Promise<ReadAdvice> {
    const { layout } = this.#options;
    // Entries first: what is added in between is then an event of an unknown entry, and not an entry without its event.
    const entries = this.#readLines(layout.recommendations, entrySchema);
    const events = this.#readLines(layout.recommendationEvents, recommendationEventSchema);
    return {
      entries: entries.read as RecommendationEntry[],
      events: events.read,
      damagedLines: entries.damagedLines + events.damagedLines,
    };
  }

  merge(advice: Advice): Promise<Advice> {
    const { layout } = this.#options;
    return this.#write("writing recommendations", async () => {
      const { entries, events } = missingAdvice(await this.readAdvice(), advice);
      // As for new ones: an event goes before its entry.
      this.#append(layout.recommendationEvents, events);
      this.#append(layout.recommendations, entries);
      return { entries, events };
    });
  }

  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<ReadAdvice> {
    return this.#write("noting what became of a recommendation", async () => {
      const event = decide(await this.readAdvice());
      if (event === undefined) return this.readAdvice();
      this.#append(this.#options.layout.recommendationEvents, [event]);
      return this.readAdvice();
    });
  }

  async stamp(): Promise<string> {
    const { fileSystem, layout } = this.#options;
    const files = [layout.analysis, layout.recommendations, layout.recommendationEvents];
    return stampOf(fileSystem, files);
  }

  #append(path: string, records: readonly object[]): void {
    if (records.length === 0) return;
    const lines = records.map((record) => encodeLine(withoutUndefined(record)));
    appendLines(this.#options.fileSystem, path, Buffer.from(lines.join("")));
  }

  /** Every line of a file that can be read, and how many cannot: one of those hides no other. */
  #readLines<S extends z.ZodType>(path: string, schema: S): { read: z.output<S>[]; damagedLines: number } {
    const lines = (this.#read(path) ?? "").split("\n");
    const parsed = lines.map((line) => (line.trim() === "" ? undefined : schema.safeParse(parseJson(line))));
    // What stands behind the last newline may be under way.
    const damagedLines = parsed.slice(0, -1).filter((line) => line?.success === false).length;
    this.#nameDamage(path, damagedLines);
    return { read: parsed.flatMap((line) => (line?.success ? [line.data] : [])), damagedLines };
  }

  /** Once for as long as they do not become more. */
  #nameDamage(path: string, damagedLines: number): void {
    const named = this.#namedDamage.get(path) ?? 0;
    this.#namedDamage.set(path, damagedLines);
    if (damagedLines <= named) return;
    const what = damagedLines === 1 ? "a line" : `${damagedLines} lines`;
    this.#options.onNotice(`set aside: ${what} of ${path} that cannot be read; \`kaizen-metrics doctor\` names them`);
  }

  async #write<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
    const { fileSystem, layout, locks, now } = this.#options;
    try {
      layout.makeFolder(layout.optimizer);
      const lock = await locks.acquire("optimizer");
      try {
        // What writers that were killed have left, and lines that came late to a file that was repaired.
        finishDrains(fileSystem, [layout.recommendations, layout.recommendationEvents], now());
        return await work();
      } finally {
        lock.release();
      }
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }

  #read(path: string): string | undefined {
    const { fileSystem, layout } = this.#options;
    try {
      if (!layout.hasFolder(layout.optimizer)) return undefined;
      return withFile(fileSystem, path, READ, (fd) =>
        readRange(fileSystem, fd, 0, statusOf(fileSystem, fd).size).toString("utf8"),
      );
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return undefined;
      throw translateFsError(error, `reading ${path}`);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads a line of the recommendations: `undefined` where it holds none, `blank` where it holds nothing at all. */
export function decodeEntry(line: Buffer): RecommendationEntry | "blank" | undefined {
  return decodeLineOf(entrySchema, line) as RecommendationEntry | "blank" | undefined;
}

/** The same of what became of recommendations. */
export function decodeEvent(line: Buffer): RecommendationEvent | "blank" | undefined {
  return decodeLineOf(recommendationEventSchema, line);
}

function decodeLineOf<S extends z.ZodType>(schema: S, line: Buffer): z.output<S> | "blank" | undefined {
  const text = line.toString("utf8");
  return text.trim() === "" ? "blank" : schema.safeParse(parseJson(text)).data;
}
