import { decodeVerification } from "../../../adr004/verification-line.ts";
import { decodeVoided, runOf, type VoidedLine } from "../../../adr004/voided-line.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { VoidedRun } from "../../store.ts";
import type { FileSystem } from "../files/file-system.ts";
import { forEachLineIfThere } from "../journal/side-file.ts";

/** What the file of voided runs says of one run. */
export interface VoidedEntry {
  readonly execution: Execution;
  /** The last one tells who voided it, when and why. Together they have every line of it. */
  readonly lines: readonly [...VoidedLine[], VoidedLine];
}

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

export function voidedRun(agent: AgentName, { execution, lines }: VoidedEntry): VoidedRun {
  const last = lines[lines.length - 1] ?? lines[0];
  const { id, reason, unproven, verifications = [], via, voided_at: timestamp, voided_by: by } = last;
  const read = verifications.map((line) => decodeVerification(Buffer.from(line)));
  return {
    agent,
    id,
    execution,
    by,
    reason,
    timestamp,
    ...(via === undefined ? {} : { via }),
    ...(unproven === undefined ? {} : { unproven }),
    verifications: read.flatMap((one) => (one === undefined || one === "blank" ? [] : one)),
  };
}
