import { join } from "node:path";
import { CHECKED_RUNS, loadCheckpoint, SEEN_RUNS } from "../checkpoint.ts";
import { loadSealed } from "../sealed-file.ts";
import { DamagedSegment, Segment } from "../segment.ts";
import type { Findings } from "./findings.ts";

const sealedFiles: readonly string[] = ["checkpoint.json", CHECKED_RUNS, SEEN_RUNS];

/** Looks at what is kept beside the log so that it need not be read again: each file says of itself whether it is whole. */
export async function examineIndex(findings: Findings, folder: string): Promise<void> {
  const { fileSystem } = findings;
  const names = findings.names(folder);
  let segments: readonly string[] | undefined;
  await findings.file(join(folder, "checkpoint.json"), () => {
    segments = loadCheckpoint(fileSystem, folder)?.segments;
  });
  for (const name of names) {
    const path = join(folder, name);
    const isSegment = /^keys-[0-9a-f]{12}\.idx$/.test(name);
    if (!isSegment && !sealedFiles.includes(name)) {
      findings.add(path, { kind: "leftover", reason: "no file of the index", lost: false, repair: "removes it" });
      continue;
    }
    await findings.file(path, () => {
      if (isSegment && segments !== undefined && !segments.includes(name)) {
        findings.add(path, { kind: "leftover", reason: "no longer in use", lost: false, repair: "removes it" });
      } else if (isSegment ? isDamagedSegment(findings, path) : loadSealed(fileSystem, path) === undefined) {
        const repair = "removes it; it is made again from the log";
        findings.add(path, { kind: "damage", reason: "its checksum is wrong", lost: false, repair });
      }
    });
  }
}

function isDamagedSegment({ fileSystem }: Findings, path: string): boolean {
  try {
    for (const _ of Segment.open(fileSystem, path).all());
    return false;
  } catch (error) {
    if (error instanceof DamagedSegment) return true;
    throw error;
  }
}
