import { decodeEvidence } from "../../../adr004/evidence-line.ts";
import { decodeLifecycleEvent } from "../../../adr004/lifecycle-line.ts";
import { decodeVerification } from "../../../adr004/verification-line.ts";
import type { VoidedLine } from "../../../adr004/voided-line.ts";
import type { Execution } from "../../../domain/run/execution.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { AgentFiles } from "../files/layout.ts";
import { forEachLineIfThere } from "../journal/side-file.ts";

/** The journals beside the log that say something of single runs. */
export const sideJournals = ["verifications", "lifecycle", "evidence"] as const;

export type SideJournal = (typeof sideJournals)[number];

/** By what lines name the runs that they are about. */
interface Named {
  readonly ids: ReadonlySet<string | undefined>;
  readonly keys: ReadonlySet<string | undefined>;
}

const isAbout: Readonly<Record<SideJournal, (line: Buffer, runs: Named) => boolean>> = {
  verifications(line, { ids }) {
    const read = decodeVerification(line);
    return read !== undefined && read !== "blank" && ids.has(read.execution_id);
  },
  lifecycle(line, { keys }) {
    const read = decodeLifecycleEvent(line);
    return read !== undefined && read !== "blank" && keys.has(read.key);
  },
  evidence(line, { ids, keys }) {
    const read = decodeEvidence(line);
    if (read === undefined || read === "blank") return false;
    return keys.has(read.key) || (read.execution_id !== undefined && ids.has(read.execution_id));
  },
};

/** What stands of some runs beside the log. A line that no text holds byte for byte is left where it is. */
export async function sideLinesOf(
  fileSystem: FileSystem,
  files: AgentFiles,
  runs: readonly Execution[],
): Promise<Pick<VoidedLine, SideJournal>> {
  const named = { ids: new Set(runs.map(({ id }) => id)), keys: new Set(runs.map(({ key }) => key)) };
  const found: Partial<Record<SideJournal, string[]>> = {};
  for (const journal of sideJournals) {
    const texts: string[] = [];
    await forEachLineIfThere(fileSystem, files[journal], (line) => {
      const text = line.toString();
      if (isAbout[journal](line, named) && Buffer.from(text).equals(line)) texts.push(text);
    });
    if (texts.length > 0) found[journal] = texts;
  }
  return found;
}

/** Which of some lines a journal has. */
export async function standingIn(
  fileSystem: FileSystem,
  path: string,
  texts: ReadonlySet<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  if (texts.size === 0) return found;
  await forEachLineIfThere(fileSystem, path, (line) => {
    const text = line.toString();
    if (texts.has(text)) found.add(text);
  });
  return found;
}
