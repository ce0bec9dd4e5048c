import {
  asJson,
  decodeEntry,
  decodeEvent,
  isSpelledAs,
  parseForeignObject,
  sideLineText,
} from "../../adr004/read-lines.ts";
import { missingAdvice } from "../../domain/coaching/merge-recommendations.ts";
import { jsonObjectSchema } from "../../domain/run/execution.ts";
import { sameJson } from "../../domain/text/json.ts";
import type { Advice, AdviceStore } from "../../storage/store.ts";
import type { ImportRequest, Place } from "./options.ts";
import type { ImportTally } from "./report.ts";

/** Takes in what optimizers have written: all advice at once, at the end, and a report if there is none. */
export class AdviceImport {
  readonly #kept: AdviceStore;
  readonly #isDryRun: boolean;
  readonly #tally: ImportTally;
  readonly #entries: Advice["entries"][number][] = [];
  readonly #events: Advice["events"][number][] = [];
  readonly #texts = new Map<object, string>();

  constructor(kept: AdviceStore, request: Pick<ImportRequest, "isDryRun">, tally: ImportTally) {
    this.#kept = kept;
    this.#isDryRun = request.isDryRun;
    this.#tally = tally;
  }

  add(kind: "entries" | "events", line: Buffer, place: Place): void {
    const decoded = kind === "entries" ? decodeEntry(line) : decodeEvent(line);
    if (decoded === "blank") return;
    if (decoded === undefined) {
      const reason = kind === "entries" ? "it is no entry of recommendations" : "it is no change of a recommendation";
      this.#tally.note({ kind: "damaged", ...place, reason });
      return;
    }
    const text = sideLineText(line);
    if (!isSpelledAs(line, text)) this.#tally.rewritten += 1;
    this.#texts.set(decoded, text);
    if ("recommendations" in decoded) this.#entries.push(decoded);
    else this.#events.push(decoded);
  }

  /** Two reports do not tell which of them is the later one: ours stays. */
  async addReport(text: string, file: string): Promise<void> {
    const report = jsonObjectSchema.safeParse(parseForeignObject(text)).data;
    if (report === undefined) {
      this.#tally.note({ kind: "damaged", file, line: 1, reason: "it is not a JSON object" });
      return;
    }
    const ours = await this.#kept.readAnalysis();
    if (ours !== undefined) this.#tally.analysis = sameJson(ours, report) ? "already_there" : "kept_ours";
    else this.#tally.analysis = "added";
    if (ours === undefined && !this.#isDryRun) await this.#kept.writeAnalysis(report, undefined, asJson(text));
  }

  async flush(): Promise<void> {
    const there = { entries: this.#entries, events: this.#events };
    const missing = missingAdvice(await this.#kept.readAdvice(), there);
    const isNothing = missing.entries.length + missing.events.length === 0;
    const added = this.#isDryRun || isNothing ? missing : await this.#kept.merge(there, this.#texts);
    this.#tally.recommendations.added = added.entries.length;
    this.#tally.recommendations.already_there = there.entries.length - added.entries.length;
    this.#tally.changes.added = added.events.length;
    this.#tally.changes.already_there = there.events.length - added.events.length;
  }
}
