import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { HistoryView } from "../../../domain/history/history.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { ExecutionFilter } from "../../../domain/run/filter.ts";
import { addVerification, type VerifiedRun } from "../../../domain/verification/verification.ts";
import { type VerifiedView, viewVerified } from "../../../domain/verification/verified-view.ts";
import type { FileSystem } from "../files/file-system.ts";
import { forEachLineIfThere } from "../journal/side-file.ts";
import { type Snapshot, scanHistory } from "../run-view/scan.ts";

/** The runs that a filter picks, and what verifications found of them. Both files are read whole. */
export async function scanVerified(
  snapshot: Snapshot,
  path: string,
  filter: ExecutionFilter,
): Promise<{ view: HistoryView; verified: VerifiedView }> {
  const checked = await readVerifications(snapshot.fileSystem, path);
  const picked = new Map<string, VerifiedRun>();
  const view = await scanHistory(snapshot, filter, ({ id, success }: Execution) => {
    const run = checked.size === 0 ? undefined : checked.get(id);
    // What the run claimed is believed of the log.
    if (run !== undefined) picked.set(id, { ...run, claimed: success });
  });
  return { view, verified: viewVerified(picked.values(), () => true) };
}

async function readVerifications(fileSystem: FileSystem, path: string): Promise<Map<string, VerifiedRun>> {
  const runs = new Map<string, VerifiedRun>();
  await forEachLineIfThere(fileSystem, path, (bytes) => {
    const verification = decodeVerification(bytes);
    if (verification === undefined || verification === "blank") return;
    runs.set(verification.execution_id, addVerification(runs.get(verification.execution_id), verification));
  });
  return runs;
}
