import { recordTexts } from "../../adr004/record-text.ts";
import { decodeLine } from "../../adr004/run-line.ts";
import type { ExecutionFilter } from "../../domain/run/filter.ts";
import type { ScannedRun } from "../store.ts";
import { closeQuietly, openPlainFile, READ, readRange } from "./files/file-system.ts";
import { forEachLine } from "./journal/lines.ts";
import { isPicked, type Snapshot } from "./run-view/scan.ts";
import { VerificationPlaces } from "./verifications/verification-places.ts";

/** So much of a log is read before what was found is handed over. */
const PART_BYTES = 256 * 1024;

/**
 * The live runs of a log from the first on, with the verifications of each. Of the verifications only where they stand is
 * held in memory; each is read again when its run comes by.
 */
export async function* scanLog(
  snapshot: Snapshot,
  path: string,
  filter: ExecutionFilter,
): AsyncGenerator<readonly ScannedRun[]> {
  const { fileSystem, fd, size } = snapshot;
  const verificationsFd = fileSystem.lstatSync(path, { throwIfNoEntry: false })?.isFile()
    ? openPlainFile(fileSystem, path, READ)
    : undefined;
  try {
    const places = new VerificationPlaces(fileSystem, path);
    if (verificationsFd !== undefined) await places.catchUp(verificationsFd);
    const verificationsOf = ({ execution }: FoundRun) =>
      verificationsFd === undefined ? [] : places.verificationsOf(verificationsFd, execution.id);
    let runs: ScannedRun[] = [];
    const useLine = (bytes: Buffer, start: number) => {
      for (const run of liveRuns(snapshot, filter, bytes, start)) {
        runs.push({ ...run, verifications: verificationsOf(run) });
      }
    };
    let at = 0;
    for (let part = PART_BYTES; at < size; ) {
      const to = Math.min(size, at + part);
      const end = await forEachLine(fileSystem, fd, { from: at, to }, useLine);
      if (end === at && to === size) useLine(readRange(fileSystem, fd, at, size), at);
      // A line longer than a part is read again with its end.
      part = end === at ? part * 2 : PART_BYTES;
      at = end === at && to === size ? size : end;
      if (runs.length > 0) yield runs;
      runs = [];
    }
  } finally {
    if (verificationsFd !== undefined) closeQuietly(fileSystem, verificationsFd);
  }
}

type FoundRun = Omit<ScannedRun, "verifications">;

function liveRuns(snapshot: Snapshot, filter: ExecutionFilter, bytes: Buffer, start: number): FoundRun[] {
  const line = decodeLine(bytes);
  const picked = line.executions.map((run, number) => isPicked(snapshot, filter, run, { start, number }));
  if (!picked.includes(true)) return [];
  const texts = recordTexts(bytes, line);
  return line.executions.flatMap((execution, number) =>
    picked[number] ? [{ execution, text: texts[number] ?? "" }] : [],
  );
}
