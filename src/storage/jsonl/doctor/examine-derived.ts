import type { HistoryView } from "../../../domain/figures/history.ts";
import { summarise } from "../../../domain/figures/summary.ts";
import { isSameName } from "../../../domain/run/agent-name.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/run/retention.ts";
import { isJsonObject, parseJson } from "../../../domain/text/json.ts";
import type { Finding } from "../../health.ts";
import { READ, readRange, statusOf, withFile, withFileAsync } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
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
  const { checkpoint, log, summary } = derived.files;
  const look = () => lookAtDerived(findings, derived);
  for (const { finding, path } of await stableRead(findings, [log, summary, checkpoint], look)) {
    findings.add(path, finding);
  }
}

async function lookAtDerived(
  findings: Findings,
  { agent, files, now, retentionDays }: DerivedFiles,
): Promise<Problem[]> {
  const { fileSystem } = findings;
  const problems: Problem[] = [];
  await withFileAsync(fileSystem, files.log, READ, async (fd) => {
    const options = { fileSystem, files, onNotice: () => {} };
    const summary = fileSystem.lstatSync(files.summary, { throwIfNoEntry: false });
    const cutoff = retentionCutoff(retentionDays, now);
    const truth = await viewOf(options, fd, cutoff);
    await findings.file(files.summary, async () => {
      const text = withFile(fileSystem, files.summary, READ, (summaryFd) =>
        readRange(fileSystem, summaryFd, 0, statusOf(fileSystem, summaryFd).size).toString("utf8"),
      );
      // What has expired since it was written does not make it wrong, nor does a writer that keeps every run.
      const writtenAt = Math.min(now, summary?.mtimeMs ?? now);
      let reason = problemOfSummary(text, agent, truth.live);
      for (const oldest of [retentionCutoff(retentionDays, writtenAt), Number.NEGATIVE_INFINITY]) {
        if (reason === undefined) return;
        const { live } = await viewOf(options, fd, oldest);
        if (problemOfSummary(text, agent, live) === undefined) reason = undefined;
      }
      const repair = "writes it again from the log";
      if (reason !== undefined) {
        problems.push({ path: files.summary, finding: { kind: "damage", reason, lost: false, repair } });
      }
    });
    if (summary === undefined && truth.live.tally.runs > 0) {
      const finding = { kind: "remark", reason: "there is none, though there are runs", lost: false } as const;
      problems.push({ path: files.summary, finding: { ...finding, repair: "writes it" } });
    }
    const reason = await problemOfIndex(truth, new LogView(options), fd, cutoff);
    const repair = "makes it again from the log";
    if (reason !== undefined) {
      problems.push({ path: files.checkpoint, finding: { kind: "damage", reason, lost: false, repair } });
    }
  });
  return problems;
}

/** What a log says to who keeps what is not older than the cutoff. */
async function viewOf(options: ReadingContext, fd: number, cutoff: number): Promise<Known> {
  const view = new LogView(options);
  await view.rebuild(fd, cutoff);
  return { live: await view.live(fd, cutoff), damagedLines: view.damagedLines };
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

/** What is wrong with an index, by what a view says that believes it. */
async function problemOfIndex(truth: Known, indexed: LogView, fd: number, cutoff: number): Promise<string | undefined> {
  await indexed.catchUp(fd, cutoff);
  const found = { live: await indexed.live(fd, cutoff), damagedLines: indexed.damagedLines };
  return differenceOfViews(found, truth);
}
