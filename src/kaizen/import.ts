import { missingAdvice } from "../domain/advice-from-elsewhere.ts";
import type { AgentName } from "../domain/agent-name.ts";
import { jsonObjectSchema } from "../domain/execution.ts";
import { sameJson } from "../domain/json.ts";
import { hasExpired, type RetentionDays, retentionCutoff } from "../domain/retention.ts";
import { readInstant } from "../domain/time.ts";
import { KaizenError } from "../errors.ts";
import { decodeCheck, decodeEntry, decodeEvent, type ForeignRun, readRuns } from "../storage/foreign-lines.ts";
import type { Advice, NewCheck, Store } from "../storage/store.ts";
import { type ImportReport, ImportTally } from "./import-report.ts";
import { RunImport } from "./import-runs.ts";
import { ImportTargets, type Target } from "./import-targets.ts";

export type { ImportReport } from "./import-report.ts";

export interface SourceLine {
  readonly bytes: Buffer;
  /** The line's number, from 1. */
  readonly line: number;
}

/** A file of another store, or one that holds lines of a store. */
export interface SourceFile {
  /** `any`: runs of any agent, and checks, told apart line by line. */
  readonly kind: "runs" | "checks" | "entries" | "events" | "analysis" | "any";
  /** How it is called in the report. */
  readonly name: string;
  /** Whose folder it stands in. */
  readonly agent?: string | undefined;
  /** The lines, some at a time. */
  lines(): AsyncIterable<readonly SourceLine[]>;
}

export interface ImportOptions {
  readonly store: Store;
  readonly now: () => number;
  readonly retentionDays: RetentionDays;
}

export interface ImportRequest {
  /** Under whose name everything is to come in, whatever its source says. */
  readonly agent?: string | undefined;
  readonly isDryRun: boolean;
  /** Told how many runs were read. */
  readonly onProgress: (runs: number) => void;
}

/** So many checks are taken in together. */
const CHECKS_AT_ONCE = 512;

interface PendingCheck {
  readonly check: NewCheck;
  readonly file: string;
  readonly line: number;
}

/** Takes in what other stores have recorded, file by file. Runs have to come before what speaks of them. */
export class Importer {
  readonly #options: ImportOptions;
  readonly #request: ImportRequest;
  readonly #tally = new ImportTally();
  readonly #targets: ImportTargets;
  readonly #runs: RunImport;
  readonly #checks = new Map<AgentName, PendingCheck[]>();
  readonly #advice: { entries: Advice["entries"][number][]; events: Advice["events"][number][] } = {
    entries: [],
    events: [],
  };

  private constructor(options: ImportOptions, request: ImportRequest, known: readonly AgentName[]) {
    this.#options = options;
    this.#request = request;
    this.#targets = new ImportTargets(known);
    this.#runs = new RunImport(options, request, this.#tally);
  }

  /** Fails with `INVALID_AGENT` where the name that is asked for can be nobody's. */
  static async open(options: ImportOptions, request: ImportRequest): Promise<Importer> {
    const importer = new Importer(options, request, await options.store.executions.listAgents());
    const target = request.agent === undefined ? undefined : importer.#targets.of(request.agent);
    if (target !== undefined && "refusal" in target) throw new KaizenError("INVALID_AGENT", `${target.refusal}.`);
    return importer;
  }

  /** How many runs were added by now. */
  get added(): number {
    return this.#tally.runs.added;
  }

  async take(file: SourceFile): Promise<void> {
    if (file.kind === "analysis") return this.#takeAnalysis(file);
    for await (const lines of file.lines()) {
      for (const line of lines) {
        if (file.kind === "entries" || file.kind === "events") this.#takeAdvice(file, file.kind, line);
        else if (file.kind === "checks") await this.#takeCheck(file, line);
        else await this.#takeRuns(file, line);
      }
    }
    await this.#runs.flush();
    this.#runs.endSource();
    for (const agent of this.#checks.keys()) await this.#flushChecks(agent);
  }

  /** Notes what stands in the place of a file and is none: nothing is read through it. */
  leave(file: string): void {
    const reason = "it is no plain file or folder (a link, FIFO or device), and was left alone";
    this.#tally.note({ kind: "unsafe", file, line: null, reason });
  }

  /** Ends the import. `leftOut` are sentences about what the source has and does not come along. */
  async finish(leftOut: readonly string[]): Promise<ImportReport> {
    const { store } = this.#options;
    const { isDryRun } = this.#request;
    const there = this.#advice;
    const missing = missingAdvice(await store.optimizer.readAdvice(), there);
    const added =
      isDryRun || missing.entries.length + missing.events.length === 0 ? missing : await store.optimizer.merge(there);
    this.#tally.recommendations.added = added.entries.length;
    this.#tally.recommendations.already_there = there.entries.length - added.entries.length;
    this.#tally.changes.added = added.events.length;
    this.#tally.changes.already_there = there.events.length - added.events.length;
    const reordered: AgentName[] = [];
    for (const agent of isDryRun ? [] : this.#runs.agents) {
      if (await store.executions.arrange(agent)) reordered.push(agent);
    }
    return this.#tally.report({ dry_run: isDryRun, reordered, left_out: leftOut });
  }

  async #takeRuns(file: SourceFile, { bytes, line }: SourceLine): Promise<void> {
    // A check says `success` as well, and would be taken for a run.
    if (file.kind === "any" && isCheck(bytes)) return this.#takeCheck(file, { bytes, line });
    const { problem, runs } = readRuns(bytes);
    if (problem !== undefined) this.#tally.note({ kind: "damaged", file: file.name, line, reason: problem });
    for (const run of runs) {
      const target = this.#targetOf(file, run);
      if ("refusal" in target) {
        this.#tally.runs.refused += 1;
        this.#tally.note({ kind: "refused", file: file.name, line, reason: target.refusal });
      } else {
        await this.#runs.add(target.agent, run, { file: file.name, line, isOfFolder: file.kind === "runs" });
      }
    }
  }

  #targetOf(file: SourceFile, { execution }: ForeignRun): Target {
    const { agent } = execution.record;
    const named = file.kind === "any" && typeof agent === "string" ? agent : undefined;
    const name = this.#request.agent ?? named ?? file.agent;
    return name === undefined
      ? { refusal: "it does not say which agent ran; say so with --agent" }
      : this.#targets.of(name);
  }

  async #takeCheck(file: SourceFile, { bytes, line }: SourceLine): Promise<void> {
    const decoded = decodeCheck(bytes);
    if (decoded === "blank") return;
    if (decoded === undefined) {
      this.#tally.note({ kind: "damaged", file: file.name, line, reason: "it is not a check" });
      return;
    }
    const { agent: named, claimed: _, earlier: __, executed_at, ...check } = decoded;
    if (hasExpired(readInstant(executed_at), this.#cutoff())) {
      this.#tally.checks.expired += 1;
      return;
    }
    const target = this.#targets.of(this.#request.agent ?? file.agent ?? named);
    if ("refusal" in target) {
      this.#tally.checks.refused += 1;
      this.#tally.note({ kind: "refused", file: file.name, line, reason: target.refusal });
      return;
    }
    const pending = this.#checks.get(target.agent) ?? [];
    this.#checks.set(target.agent, pending);
    pending.push({ check, file: file.name, line });
    if (pending.length >= CHECKS_AT_ONCE) await this.#flushChecks(target.agent);
  }

  async #flushChecks(agent: AgentName): Promise<void> {
    const pending = this.#checks.get(agent) ?? [];
    this.#checks.delete(agent);
    if (pending.length === 0) return;
    await this.#runs.flush();
    const { executions } = this.#options.store;
    const checks = pending.map(({ check }) => check);
    const fates = await (this.#request.isDryRun
      ? executions.previewChecks(agent, checks)
      : executions.mergeChecks(agent, checks));
    for (const [index, { check, file, line }] of pending.entries()) {
      const fate = fates[index];
      // In a rehearsal a run may be one that would have been added by now.
      const isKnown = fate === "unknown_run" && this.#runs.wouldHave(agent, check.execution_id);
      if (fate === "new" || isKnown) this.#tally.checks.added += 1;
      else if (fate === "present") this.#tally.checks.already_there += 1;
      else if (fate === "outdated") this.#tally.checks.outdated += 1;
      else {
        this.#tally.checks.unknown_run += 1;
        const reason = `its run ${JSON.stringify(check.execution_id.slice(0, 80))} is not here`;
        this.#tally.note({ kind: "unknown_run", file, line, reason });
      }
    }
  }

  #takeAdvice(file: SourceFile, kind: "entries" | "events", { bytes, line }: SourceLine): void {
    const decoded = kind === "entries" ? decodeEntry(bytes) : decodeEvent(bytes);
    if (decoded === "blank") return;
    if (decoded === undefined) {
      const reason = kind === "entries" ? "it is no entry of recommendations" : "it is no change of a recommendation";
      this.#tally.note({ kind: "damaged", file: file.name, line, reason });
    } else if ("recommendations" in decoded) this.#advice.entries.push(decoded);
    else this.#advice.events.push(decoded);
  }

  /** Of two reports nobody can say which is the later one: ours stays. */
  async #takeAnalysis(file: SourceFile): Promise<void> {
    const parts: Buffer[] = [];
    for await (const lines of file.lines())
      for (const { bytes } of lines) parts.push(Buffer.from(bytes), Buffer.from("\n"));
    const report = jsonObjectSchema.safeParse(parsed(Buffer.concat(parts).toString("utf8"))).data;
    if (report === undefined) {
      this.#tally.note({ kind: "damaged", file: file.name, line: 1, reason: "it is not a JSON object" });
      return;
    }
    const { optimizer } = this.#options.store;
    const ours = await optimizer.readAnalysis();
    if (ours !== undefined) this.#tally.analysis = sameJson(ours, report) ? "already_there" : "kept_ours";
    else this.#tally.analysis = "added";
    if (ours === undefined && !this.#request.isDryRun) await optimizer.writeAnalysis(report);
  }

  #cutoff(): number {
    return retentionCutoff(this.#options.retentionDays, this.#options.now());
  }
}

function isCheck(line: Buffer): boolean {
  if (!line.includes('"verified_by"') || !line.includes('"execution_id"')) return false;
  const check = decodeCheck(line);
  return check !== undefined && check !== "blank";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
