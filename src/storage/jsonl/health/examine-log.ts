import { setTimeout as delay } from "node:timers/promises";
import type { HistoryView } from "../../../domain/history.ts";
import { isJsonObject, type JsonValue, sameJson } from "../../../domain/json.ts";
import { type RetentionDays, retentionCutoff } from "../../../domain/retention.ts";
import { summarise } from "../../../domain/summary.ts";
import { decodeLine } from "../codec.ts";
import { repairFate } from "../fates.ts";
import { READ, readRange, statusOf, withFile, withFileAsync } from "../file-system.ts";
import type { AgentFiles } from "../layout.ts";
import { forEachLine } from "../lines.ts";
import { LogView } from "../log-view.ts";
import type { Findings } from "./findings.ts";
import { UNENDED } from "./line-files.ts";

export interface LogExamination {
  readonly agent: string;
  readonly files: AgentFiles;
  readonly retentionDays: RetentionDays;
  readonly now: number;
}

/** Looks at every line of a log. */
export async function examineLog(findings: Findings, { log }: AgentFiles): Promise<void> {
  const { fileSystem } = findings;
  await findings.file(log, (size) =>
    withFileAsync(fileSystem, log, READ, async (fd) => {
      let line = 0;
      const look = (bytes: Buffer, offset: number) => {
        line += 1;
        const { damage } = decodeLine(bytes);
        if (damage === undefined) return;
        const place = { line, offset, reason: damage.reason, lost: damage.lost };
        const repair = damage.lost ? "moves the line to executions.quarantine" : "gives each record a line of its own";
        if (repairFate(bytes) !== "keep") findings.addLine(log, { kind: "damage", ...place, repair });
        else findings.addLine(log, { kind: "remark", ...place });
      };
      const end = await forEachLine(fileSystem, fd, { from: 0, to: size }, look);
      if (end === size) return;
      const tail = readRange(fileSystem, fd, end, size);
      const { damage, executions } = decodeLine(tail);
      if (damage?.lost || executions.length === 0) look(tail, end);
      else {
        const place = { line: line + 1, offset: end, reason: UNENDED, lost: false };
        findings.addLine(log, { kind: "damage", ...place, repair: "ends the line" });
      }
    }),
  );
}

/**
 * Compares what is derived of a log with the log. `summary.json` was true when it was written: what has expired since
 * does not make it wrong.
 */
export async function examineDerived(findings: Findings, examined: LogExamination): Promise<void> {
  const { fileSystem } = findings;
  const { files, now, retentionDays } = examined;
  await withFileAsync(fileSystem, files.log, READ, async (fd) => {
    const options = { fileSystem, files, onNotice: () => {} };
    const truth = new LogView(options);
    const viewAt = async (instant: number) => {
      const cutoff = retentionCutoff(retentionDays, instant);
      await truth.catchUp(fd, cutoff);
      return truth.live(fd, cutoff);
    };
    const writtenAt = () => Math.min(now, statsAt(findings, files.summary)?.mtimeMs ?? now);
    // Without the index: it is what is examined.
    await truth.rebuild(fd, retentionCutoff(retentionDays, writtenAt()));
    await findings.file(files.summary, async () => {
      for (let looks = 1; ; looks += 1) {
        const views = [await viewAt(writtenAt()), await viewAt(now)];
        const problem = problemOfSummary(readSummary(findings, files.summary), examined.agent, views);
        if (problem === undefined) return;
        if (looks === LOOKS) findings.add(files.summary, { ...problem, repair: "writes it again from the log" });
        if (looks === LOOKS) return;
        // Whoever appends writes the log first, and the summary a moment later.
        await delay(PAUSE_MS);
      }
    });
    const view = await viewAt(now);
    if (statsAt(findings, files.summary) === undefined && view.tally.runs > 0) {
      const reason = "there is none, though there are runs";
      findings.add(files.summary, { kind: "remark", reason, lost: false, repair: "writes it" });
    }
    const cutoff = retentionCutoff(retentionDays, now);
    const indexed = new LogView(options);
    await indexed.catchUp(fd, cutoff);
    const believed = await indexed.live(fd, cutoff);
    if (sameFigures(await viewAt(now), believed) && truth.damagedLines === indexed.damagedLines) return;
    const reason = `it says otherwise than the log (${believed.tally.runs} runs, and the log has ${view.tally.runs})`;
    findings.add(files.checkpoint, { kind: "damage", reason, lost: false, repair: "makes it again from the log" });
  });
}

/** So often, and after such a pause in ms, a summary is looked at before it is called wrong. */
const LOOKS = 4;
const PAUSE_MS = 50;

function statsAt({ fileSystem }: Findings, path: string) {
  return fileSystem.lstatSync(path, { throwIfNoEntry: false });
}

function readSummary({ fileSystem }: Findings, path: string): string {
  return withFile(fileSystem, path, READ, (fd) =>
    readRange(fileSystem, fd, 0, statusOf(fileSystem, fd).size).toString("utf8"),
  );
}

/** What is wrong with a summary that should be that of one of the views. */
function problemOfSummary(
  text: string,
  agent: string,
  views: readonly HistoryView[],
): { kind: "damage"; reason: string; lost: false } | undefined {
  const found = parseJson(text);
  if (!isJsonObject(found)) return { kind: "damage", reason: "it is not a JSON object", lost: false };
  const expected = views.map((view): JsonValue => {
    const summary = summarise(agent, view);
    return { ...summary, trend: { ...summary.trend } };
  });
  if (expected.some((summary) => sameJson(summary, found))) return undefined;
  const runs = views.at(-1)?.tally.runs ?? 0;
  const counted = typeof found.execution_count === "number" ? `${found.execution_count} runs` : "no number of runs";
  return {
    kind: "damage",
    reason: `it says otherwise than the log (${counted}, and the log has ${runs})`,
    lost: false,
  };
}

function sameFigures(a: HistoryView, b: HistoryView): boolean {
  const figures = ({ tally, recent, failures }: HistoryView) =>
    JSON.stringify([tally.runs, tally.successes, recent.map(({ ordinal: _, ...run }) => run), failures.length]);
  return figures(a) === figures(b);
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
