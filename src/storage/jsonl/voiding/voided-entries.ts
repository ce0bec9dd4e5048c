import { decodeVoided, runOf } from "../../../adr004/voided-line.ts";
import type { VoidedEntry } from "../../shared/voided-run.ts";
import type { FileSystem } from "../files/file-system.ts";
import { forEachLineIfThere } from "../journal/side-file.ts";

/** What the file says, by the id of the run, in the order of the last time that each was voided. */
export async function readEntries(fileSystem: FileSystem, path: string): Promise<Map<string, VoidedEntry>> {
  const entries = new Map<string, VoidedEntry>();
  await forEachLineIfThere(fileSystem, path, (bytes) => {
    const line = decodeVoided(bytes);
    const execution = line === undefined || line === "blank" ? undefined : runOf(line);
    if (line === undefined || line === "blank" || execution === undefined) return;
    const earlier = entries.get(line.id)?.lines ?? [];
    entries.delete(line.id);
    entries.set(line.id, { execution, lines: [...earlier, line] });
  });
  return entries;
}
