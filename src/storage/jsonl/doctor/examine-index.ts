import { join } from "node:path";
import { stampOf } from "../files/change-token.ts";
import type { AgentFiles } from "../files/places.ts";
import { DamagedSegment, Segment } from "../key-index/segment.ts";
import { loadSealed } from "../projection/sealed-file.ts";
import { isImpossible, segmentsNamed } from "../run-view/run-snapshot.ts";
import type { Findings } from "./findings.ts";
import { isHeld } from "./locks-in-use.ts";

/** Looks at what is kept beside the log so that it need not be read again: each file says of itself whether it is whole. */
export async function examineIndex(findings: Findings, files: AgentFiles, lock: string): Promise<void> {
  const { fileSystem } = findings;
  const folder = files.index;
  const names = findings.names(folder);
  const snapshots = files.journals.map(({ snapshot }) => snapshot);
  const checkpoint = join(folder, findings.layout.catalogue.agent.journals.log.snapshot);
  const stamp = stampOf(fileSystem, [checkpoint]);
  const segments = segmentsInUse(findings, checkpoint);
  for (const name of names) {
    const path = join(folder, name);
    const isSegment = /^keys-[0-9a-f]{12}\.idx$/.test(name);
    const isOfNoUse = isSegment ? segments !== undefined && !segments.includes(name) : !snapshots.includes(name);
    await findings.file(path, () => {
      if (isOfNoUse) {
        // The holder of the lock may be about to use it, or to sweep it away.
        if (isHeld(findings, lock) || stampOf(fileSystem, [checkpoint]) !== stamp) return;
        findings.add(path, { kind: "leftover", reason: "no longer in use", lost: false, repair: "removes it" });
        return;
      }
      const reason = isSegment ? problemOfSegment(findings, path) : problemOfSnapshot(findings, path);
      if (reason === undefined) return;
      findings.add(path, { kind: "damage", reason, lost: false, repair: "removes it; it is made again from the log" });
    });
  }
}

function segmentsInUse({ fileSystem }: Findings, checkpoint: string): readonly string[] | undefined {
  try {
    return segmentsNamed(loadSealed(fileSystem, checkpoint));
  } catch {
    // What is wrong with the checkpoint is told when it is its turn.
    return undefined;
  }
}

const WRONG_CHECKSUM = "its checksum is wrong";

function problemOfSnapshot({ fileSystem }: Findings, path: string): string | undefined {
  const saved = loadSealed(fileSystem, path);
  if (saved === undefined) return WRONG_CHECKSUM;
  return isImpossible(saved) ? "it contradicts itself, so it is not believed" : undefined;
}

function problemOfSegment({ fileSystem }: Findings, path: string): string | undefined {
  try {
    for (const _ of Segment.open(fileSystem, path).all());
    return undefined;
  } catch (error) {
    if (error instanceof DamagedSegment) return WRONG_CHECKSUM;
    throw error;
  }
}
