import { adr004Files, type FolderCatalogue, type Imported, sourcesIn } from "../../adr004/catalogue.ts";
import { decodeVerification, type ImportedRun, isSpelledAs, readRuns } from "../../adr004/read-lines.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { KaizenError } from "../../errors.ts";
import type { ReceivedJournal, Store } from "../../storage/store.ts";
import { DryRun } from "./dry-run.ts";
import type { ImportOptions, ImportRequest } from "./options.ts";
import { isReceived, ReceivedImport, receivedJournals } from "./received.ts";
import { AdviceImport } from "./recommendations.ts";
import { type ImportReport, ImportTally } from "./report.ts";
import { RunImport } from "./runs.ts";
import { ImportTargets, type Target } from "./targets.ts";
import { VerificationImport } from "./verifications.ts";

export type { ImportRequest } from "./options.ts";
export type { ImportProblems, ImportReport } from "./report.ts";

export interface SourceLine {
  readonly bytes: Uint8Array;
  /** The line's number, from 1. */
  readonly line: number;
}

/** A file of another store, or one that holds lines of a store. */
export interface SourceFile {
  /** `any`: runs of any agent, and verifications, told apart line by line. */
  readonly kind: Imported | ReceivedJournal | "any";
  /** How it is called in the report. */
  readonly name: string;
  /** Whose folder it stands in. */
  readonly agent?: string | undefined;
  /** The lines, some at a time; of a report its text, in pieces. */
  lines(): AsyncIterable<readonly SourceLine[]>;
}

/** What is imported from the folders of a store, in the order in which it is taken, and what stays there. */
export const importedFiles = {
  agent: importedIn(adr004Files.agent),
  optimizer: importedIn(adr004Files.optimizer),
  leftOut: sourcesIn(adr004Files.agent).flatMap(({ name, staysBehind: why }) =>
    why === undefined ? [] : [{ name, why }],
  ),
  /** What of that a move takes along. */
  moved: receivedJournals.map((kind) => ({ name: adr004Files.agent.journals[kind].name, kind })),
};

function importedIn(files: FolderCatalogue): { readonly name: string; readonly kind: Imported }[] {
  return sourcesIn(files).flatMap(({ name, imported: kind }) => (kind === undefined ? [] : [{ name, kind }]));
}

/** Takes in what other stores have recorded, file by file. Runs have to come before what speaks of them. */
export class Importer {
  readonly #store: Store;
  readonly #request: ImportRequest;
  readonly #tally = new ImportTally();
  readonly #targets: ImportTargets;
  readonly #runs: RunImport;
  readonly #verifications: VerificationImport;
  readonly #advice: AdviceImport;
  readonly #received: ReceivedImport;
  #read = 0;

  private constructor(options: ImportOptions, request: ImportRequest, known: readonly AgentName[]) {
    this.#store = options.store;
    this.#request = request;
    this.#targets = new ImportTargets(known);
    const { runs } = options.store;
    const history = { ...options, target: request.isDryRun ? new DryRun(runs) : runs };
    this.#runs = new RunImport(history, this.#tally);
    this.#verifications = new VerificationImport(history, request, {
      targets: this.#targets,
      runs: this.#runs,
      tally: this.#tally,
    });
    this.#advice = new AdviceImport(options.store.advice, request, this.#tally);
    this.#received = new ReceivedImport(options, request, this.#tally);
  }

  /**
   * Fails with `INVALID_AGENT` if the name that the request asks for can be no agent's, and with `READ_ONLY` if what comes
   * in could not be put in its place: before anything does.
   */
  static async open(options: ImportOptions, request: ImportRequest): Promise<Importer> {
    await expectMayImport(options.store, request);
    const known = await options.store.runs.listAgents();
    const importer = new Importer(
      options,
      request,
      known.map(({ name }) => name),
    );
    const target = request.agent === undefined ? undefined : importer.#targets.of(request.agent);
    if (target !== undefined && "refusal" in target) throw new KaizenError("INVALID_AGENT", `${target.refusal}.`);
    return importer;
  }

  /** How much was added by now: nothing in a dry run. */
  get added(): { readonly runs: number; readonly verifications: number } {
    if (this.#request.isDryRun) return { runs: 0, verifications: 0 };
    return { runs: this.#tally.runs.added, verifications: this.#tally.verifications.added };
  }

  async take(file: SourceFile): Promise<void> {
    if (file.kind === "analysis") return this.#advice.addReport(await textOf(file), file.name);
    for await (const lines of file.lines()) {
      for (const line of lines) await this.#takeLine(file, line);
    }
    await this.#runs.flush();
    this.#runs.endSource();
    await this.#verifications.endSource();
    await this.#received.endSource();
  }

  /** Notes a file that was not taken in, or not to its end. */
  leave(file: string, reason: string): void {
    this.#tally.note({ kind: "unsafe", file, line: null, reason });
  }

  /** Ends the import. `leftOut` are sentences about what the source has and does not come along. */
  async finish(leftOut: readonly string[]): Promise<ImportReport> {
    const { isDryRun, isMove = false } = this.#request;
    await this.#advice.flush();
    const reordered: AgentName[] = [];
    for (const agent of isDryRun ? [] : this.#runs.agents) {
      // What moves to a place of its own keeps its order.
      if (isMove && !(await this.#isMixed(agent))) continue;
      if (await this.#store.ordering?.sortByTime(agent)) reordered.push(agent);
    }
    const { rewritten } = this.#tally;
    const left_out = [...leftOut, ...(isMove && rewritten > 0 ? [rewrittenText(rewritten)] : [])];
    return this.#tally.report({ dry_run: isDryRun, reordered, left_out }, isMove);
  }

  /** Whether runs of other sources are here as well. */
  async #isMixed(agent: AgentName): Promise<boolean> {
    return (await this.#store.runs.overview(agent)).view.tally.runs > this.#runs.countOf(agent);
  }

  async #takeLine(file: SourceFile, line: SourceLine): Promise<void> {
    const place = { file: file.name, line: line.line };
    this.#read += 1;
    this.#request.onProgress(this.#read);
    const bytes = asBuffer(line.bytes);
    if (file.kind === "entries" || file.kind === "events") return this.#advice.add(file.kind, bytes, place);
    // A verification says `success` as well, and would be taken for a run.
    if (file.kind === "verifications" || (file.kind === "any" && isVerification(bytes))) {
      return this.#verifications.add(bytes, place, file.agent);
    }
    if (isReceived(file.kind)) {
      const target = this.#targets.of(file.agent ?? "");
      if ("refusal" in target) this.#tally.note({ kind: "refused", ...place, reason: target.refusal });
      else await this.#received.add(target.agent, file.kind, bytes, place);
      return;
    }
    const { problem, runs } = readRuns(bytes);
    if (runs.some(({ text }) => !isSpelledAs(bytes, text))) this.#tally.rewritten += 1;
    if (problem !== undefined) this.#tally.note({ kind: "damaged", ...place, reason: problem });
    for (const run of runs) {
      const target = this.#targetOf(file, run);
      if ("refusal" in target) {
        this.#tally.refuse("runs", place, target.refusal);
      } else {
        await this.#runs.add(target.agent, run, { ...place, isOfFolder: file.kind === "runs" });
      }
    }
  }

  #targetOf(file: SourceFile, { execution }: ImportedRun): Target {
    const { agent } = execution.record;
    const named = file.kind === "any" && typeof agent === "string" ? agent : undefined;
    const name = this.#request.agent ?? named ?? file.agent;
    return name === undefined
      ? { refusal: "it does not say which agent ran; say so with --agent" }
      : this.#targets.of(name);
  }
}

/** A log is put in order after an import, and a voided run takes the place of what was said of it before. */
async function expectMayImport({ ordering }: Store, { hasVoided, isDryRun, isMove }: ImportRequest): Promise<void> {
  const changes = isMove === true ? hasVoided === true : true;
  if (isDryRun || !changes || ((await ordering?.mayChange?.()) ?? true)) return;
  const what = isMove === true ? "Voided runs come in" : "Runs of another source come in, and are put in order,";
  throw new KaizenError("READ_ONLY", `${what} by a login that may change what is there; nothing was added.`, {
    hint: "Begin again as a login in kaizen_keeper, or as the owner of the tables.",
  });
}

function rewrittenText(lines: number): string {
  return `${lines} ${lines === 1 ? "line is" : "lines are"} spelled in another way there: NaN is null, bytes that are no text are U+FFFD, each record has a line of its own with no space around it and its agent's name, and a verification says what stood before it there.`;
}

function isVerification(line: Buffer): boolean {
  if (!line.includes('"verified_by"') || !line.includes('"execution_id"')) return false;
  const verification = decodeVerification(line);
  return verification !== undefined && verification !== "blank";
}

/** A line's bytes as this program reads them: another one that uses the package may have them in another form. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function textOf(file: SourceFile): Promise<string> {
  const parts: Buffer[] = [];
  for await (const lines of file.lines()) for (const { bytes } of lines) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts).toString("utf8");
}
