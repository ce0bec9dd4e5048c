import { join } from "node:path";
import { summarise } from "../../../domain/figures/summary.ts";
import type { HistoryView } from "../../../domain/history/history.ts";
import { isSameName } from "../../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { isJsonObject, parseJson } from "../../../domain/text/json.ts";
import type { Finding } from "../../health.ts";
import { READ, readRange, statusOf, withFile, withFileAsync } from "../files/file-system.ts";
import type { AgentFiles } from "../files/places.ts";
import { stableRead } from "../files/stable-read.ts";
import type { ReadingContext } from "../projection/agent-context.ts";
import { LogView } from "../run-view/log-view.ts";
import { differenceOfSummaries, differenceOfViews, type Known } from "./difference.ts";
import type { Findings } from "./findings.ts";

export interface DerivedFiles {
  readonly agent: string;
  readonly files: AgentFiles;
  readonly retentionDays: RetentionDays;
  /** The current instant in ms. */
  readonly now: number;
}

interface Problem {
  readonly path: string;
  readonly finding: Omit<Finding, "file" | "agent">;
}

/** Compares what is derived of a log with the log, read whole and without what is examined. */
export async function examineDerived(findings: Findings, derived: DerivedFiles): Promise<void> {
  const { index, log, summary } = derived.files;
  const checkpoint = join(index, findings.layout.catalogue.agent.journals.log.snapshot);
  const look = () => lookAtDerived(findings, derived, checkpoint);
  for (const { finding, path } of await stableRead(findings, [log, summary, checkpoint], look)) {
    findings.add(path, finding);
  }
}

function lookAtDerived(
  findings: Findings,
  { agent, files, now, retentionDays }: DerivedFiles,
  checkpoint: string,
): Promise<Problem[]> {
  const { fileSystem } = findings;
  const options = { fileSystem, files, retentionDays, onNotice: () => {} };
  const cutoff = retentionCutoff(retentionDays, now);
  return withFileAsync(fileSystem, files.log, READ, async (fd) => {
    const problems: Problem[] = [];
    const add = (path: string, kind: "damage" | "remark", reason: string | undefined, repair: string) => {
      if (reason !== undefined) problems.push({ path, finding: { kind, reason, lost: false, repair } });
    };
    const summary = fileSystem.lstatSync(files.summary, { throwIfNoEntry: false });
    const whole = await readWhole(options, fd);
    const truth = await knownBy(whole, fd, cutoff);
    await findings.file(files.summary, async () => {
      const text = withFile(fileSystem, files.summary, READ, (summaryFd) =>
        readRange(fileSystem, summaryFd, 0, statusOf(fileSystem, summaryFd).size).toString("utf8"),
      );
      const writtenAt = Math.min(now, summary?.mtimeMs ?? now);
      let reason = problemOfSummary(text, agent, truth.live);
      const unlessTrueOf = async (view: LogView, oldest: number) => {
        if (reason === undefined) return;
        if (problemOfSummary(text, agent, await view.live(fd, oldest)) === undefined) reason = undefined;
      };
      // What has expired since it was written does not make it wrong, nor does a writer that keeps every run.
      await unlessTrueOf(whole, retentionCutoff(retentionDays, writtenAt));
      if (reason !== undefined) {
        await unlessTrueOf(await readWhole({ ...options, retentionDays: null }, fd), Number.NEGATIVE_INFINITY);
      }
      // Another program appends to the log, and leaves the summary to the next run that is recorded.
      const kind = isBehind(text, truth.live) ? "remark" : "damage";
      add(files.summary, kind, reason, "writes it again from the log");
    });
    const isMissing = summary === undefined && truth.live.tally.runs > 0;
    add(files.summary, "remark", isMissing ? "there is none, though there are runs" : undefined, "writes it");
    // What a view says that believes the index.
    const indexed = new LogView(options);
    await indexed.catchUp(fd);
    const difference = differenceOfViews(await knownBy(indexed, fd, cutoff), truth);
    add(checkpoint, "damage", difference, "makes it again from the log");
    return problems;
  });
}

/** A log as it is read from its start, without what is kept beside it. */
async function readWhole(options: ReadingContext, fd: number): Promise<LogView> {
  const view = new LogView(options);
  await view.rebuild(fd);
  return view;
}

async function knownBy(view: LogView, fd: number, cutoff: number): Promise<Known> {
  return { live: await view.live(fd, cutoff), damagedLines: view.damagedLines };
}

/** Whether a summary knows fewer runs than there are: it was right once. */
function isBehind(text: string, { tally }: HistoryView): boolean {
  const found = parseJson(text);
  return isJsonObject(found) && typeof found.execution_count === "number" && found.execution_count < tally.runs;
}

/** What is wrong with a summary that should be that of a view. */
function problemOfSummary(text: string, agent: string, view: HistoryView): string | undefined {
  const found = parseJson(text);
  if (!isJsonObject(found)) return "it is not a JSON object";
  // Another writer gives the name as its folder is spelled.
  const name = typeof found.agent === "string" && isSameName(found.agent, agent) ? found.agent : agent;
  const summary = summarise(name, view);
  return differenceOfSummaries(found, { ...summary, trend: { ...summary.trend } });
}
