import { join } from "node:path";
import * as z from "zod";
import { missingAdvice } from "../../domain/advice-from-elsewhere.ts";
import { isJsonObject, type JsonObject } from "../../domain/json.ts";
import { type RecommendationEvent, recommendationEventSchema } from "../../domain/recommendation.ts";
import type { Advice, OptimizerStore, RecommendationEntry } from "../store.ts";
import { appendLines } from "./append.ts";
import { isTemporary, replaceFile } from "./atomic-file.ts";
import { encodeLine, withoutUndefined } from "./codec.ts";
import { type FileSystem, READ, readRange, removeFile, statusOf, withFile } from "./file-system.ts";
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
}

/** The optimizer's files: a report that is replaced whole, and a log of recommendations. */
export class JsonlOptimizer implements OptimizerStore {
  readonly #options: JsonlOptimizerOptions;

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
    const text = this.#read(this.#options.layout.analysis);
    const report = text === undefined ? undefined : parseJson(text);
    return isJsonObject(report) ? report : undefined;
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

  async readAdvice(): Promise<Advice> {
    const { layout } = this.#options;
    // Entries first: what is added in between is then an event of an unknown entry, and not an entry without its event.
    const entries = this.#readLines(layout.recommendations, entrySchema) as RecommendationEntry[];
    return { entries, events: this.#readLines(layout.recommendationEvents, recommendationEventSchema) };
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

  change(decide: (advice: Advice) => RecommendationEvent | undefined): Promise<Advice> {
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

  /** Every line of a file that can be read; one that cannot hides no other. */
  #readLines<S extends z.ZodType>(path: string, schema: S): z.output<S>[] {
    const text = this.#read(path) ?? "";
    return text.split("\n").flatMap((line) => {
      const parsed = line === "" ? undefined : schema.safeParse(parseJson(line));
      return parsed?.success ? [parsed.data] : [];
    });
  }

  async #write<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
    const { layout, locks } = this.#options;
    try {
      layout.makeFolder(layout.optimizer);
      const lock = await locks.acquire("optimizer");
      try {
        this.#sweep();
        return await work();
      } finally {
        lock.release();
      }
    } catch (error) {
      throw translateFsError(error, doing);
    }
  }

  /** Removes what a writer that was killed has left behind. */
  #sweep(): void {
    const { fileSystem, layout } = this.#options;
    for (const name of fileSystem.readdirSync(layout.optimizer)) {
      if (isTemporary(name)) removeFile(fileSystem, join(layout.optimizer, name));
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
