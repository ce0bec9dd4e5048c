import { decodeLine } from "../../../adr004/run-line.ts";
import type { DayTally } from "../../../domain/history/history.ts";
import { PartialDay } from "../../shared/partial-day.ts";
import { type FileSystem, readRange, statusOf } from "../files/file-system.ts";
import { forEachLine, readLineAt } from "../journal/lines.ts";
import type { Duplicates } from "../key-index/lookup.ts";
import { runPosition } from "../key-index/run-position.ts";

/** Reads the runs of a day from an open log, without those that repeat an earlier one. */
export async function readPartialDay(
  fileSystem: FileSystem,
  fd: number,
  day: DayTally,
  duplicates: Duplicates,
): Promise<PartialDay> {
  const runs = new PartialDay();
  const end = statusOf(fileSystem, fd).size;
  const to = Math.min(end, day.lastPlace + readLineAt(fileSystem, fd, day.lastPlace).length + 1);
  const useLine = (bytes: Buffer, start: number) => {
    for (const [number, run] of decodeLine(bytes).executions.entries()) {
      const isOfDay = run.at !== undefined && run.at >= day.earliestAt && run.at <= day.latestAt;
      if (isOfDay && !duplicates.has(runPosition(start, number))) runs.add(run.at, run);
    }
  };
  const rest = await forEachLine(fileSystem, fd, { from: day.firstPlace, to }, useLine);
  if (rest < to) useLine(readRange(fileSystem, fd, rest, to), rest);
  return runs;
}
