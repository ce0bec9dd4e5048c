import { basename } from "node:path";
import type { Execution } from "../../domain/execution.ts";
import type { ExecutionFilter } from "../../domain/filter.ts";
import type { HistoryView } from "../../domain/history.ts";
import { addVerification, type VerifiedRun, type VerifiedView, viewVerified } from "../../domain/verification.ts";
import type { DamagedLine } from "../store.ts";
import { decodeCheck } from "./check-codec.ts";
import { type FileSystem, READ, statusOf, withFileIfThere } from "./file-system.ts";
import { forEachLine } from "./lines.ts";
import { type Snapshot, scanHistory } from "./scan.ts";

/** The runs that a filter picks, and what checks found of them. Both files are read whole. */
export async function scanChecked(
  snapshot: Snapshot,
  path: string,
  filter: ExecutionFilter,
): Promise<{ view: HistoryView; verified: VerifiedView }> {
  const checked = await readChecks(snapshot.fileSystem, path);
  const picked: VerifiedRun[] = [];
  const view = await scanHistory(snapshot, filter, ({ id, success }: Execution) => {
    const run = id === undefined ? undefined : checked.get(id);
    // What the run claimed is believed of the log.
    if (run !== undefined) picked.push({ ...run, claimed: success });
  });
  return { view, verified: viewVerified(picked, () => true) };
}

async function readChecks(fileSystem: FileSystem, path: string): Promise<Map<string, VerifiedRun>> {
  const runs = new Map<string, VerifiedRun>();
  await forEachCheckLine(fileSystem, path, (bytes) => {
    const check = decodeCheck(bytes);
    if (check === undefined || check === "blank") return;
    runs.set(check.execution_id, addVerification(runs.get(check.execution_id), check));
  });
  return runs;
}

/** Every line that holds no check. */
export async function scanDamagedChecks(fileSystem: FileSystem, path: string): Promise<DamagedLine[]> {
  const damaged: DamagedLine[] = [];
  const file = basename(path);
  let line = 0;
  await forEachCheckLine(fileSystem, path, (bytes, offset) => {
    line += 1;
    if (decodeCheck(bytes) === undefined) damaged.push({ file, line, offset, reason: "it is not a check", lost: true });
  });
  return damaged;
}

async function forEachCheckLine(
  fileSystem: FileSystem,
  path: string,
  useLine: (bytes: Buffer, start: number) => void,
): Promise<void> {
  await withFileIfThere(fileSystem, path, READ, async (fd) => {
    if (fd !== undefined) await forEachLine(fileSystem, fd, { from: 0, to: statusOf(fileSystem, fd).size }, useLine);
  });
}
