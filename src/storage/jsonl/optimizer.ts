import { join } from "node:path";
import * as z from "zod";
import { isJsonObject, type JsonObject } from "../../domain/json.ts";
import type { OptimizerStore, RecommendationEntry } from "../store.ts";
import { appendLines } from "./append.ts";
import { isTemporary, replaceFile } from "./atomic-file.ts";
import { encodeLine } from "./codec.ts";
import { type FileSystem, READ, readRange, removeFile, statusOf, withFile } from "./file-system.ts";
import { hasErrno, translateFsError } from "./fs-errors.ts";
import { encodeIndentedJson } from "./json-style.ts";
import type { Layout } from "./layout.ts";
import type { Locks } from "./lock.ts";

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

  async appendRecommendations(entries: readonly RecommendationEntry[]): Promise<void> {
    const { fileSystem, layout } = this.#options;
    const lines = entries.map((entry) => encodeLine({ ...entry, recommendations: [...entry.recommendations] }));
    await this.#write("writing recommendations", () => {
      appendLines(fileSystem, layout.recommendations, Buffer.from(lines.join("")));
    });
  }

  async readRecommendations(): Promise<RecommendationEntry[]> {
    const text = this.#read(this.#options.layout.recommendations) ?? "";
    return text.split("\n").flatMap((line) => {
      const entry = entrySchema.safeParse(parseJson(line));
      return entry.success ? [entry.data as RecommendationEntry] : [];
    });
  }

  async #write<T>(doing: string, work: () => T): Promise<T> {
    const { layout, locks } = this.#options;
    try {
      layout.makeFolder(layout.optimizer);
      const lock = await locks.acquire("optimizer");
      try {
        this.#sweep();
        return work();
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
