import { join } from "node:path";
import { asJson, BARE_WORDS } from "../../../adr004/foreign-json.ts";
import { isTemporary } from "../files/atomic-file.ts";
import { statusAt } from "../files/file-system.ts";
import { hasErrno } from "../files/fs-errors.ts";
import { type DocumentPlace, type FolderFiles, linesOf } from "../files/places.ts";
import { stableRead } from "../files/stable-read.ts";
import { lateLines } from "../journal/late-appends.ts";
import { documentText, isDamagedDocument, isQuarantineOf } from "./damaged-document.ts";
import { examineJournal, examineQuarantine } from "./examine-journal.ts";
import type { Findings } from "./findings.ts";
import { isHeld } from "./locks-in-use.ts";

/** Looks at the files of a folder that cannot be made again. */
export async function examineSources(
  findings: Findings,
  { documents, folder, journals }: FolderFiles,
  names: readonly string[],
  examineDerived: (journal: string) => Promise<void> = async () => {},
): Promise<void> {
  for (const document of documents) await examineDocument(findings, document);
  for (const journal of journals) {
    await examineJournal(findings, journal);
    await examineDerived(journal.path);
  }
  for (const { quarantine } of journals) await examineQuarantine(findings, quarantine);
  for (const path of names.map((name) => join(folder, name))) {
    if (documents.some((document) => isQuarantineOf(document.path, path))) await examineQuarantine(findings, path);
  }
}

/** Looks at what killed writers have left in a folder. `lock` is the name of its lock. */
export async function examineUnfinished(
  findings: Findings,
  files: FolderFiles,
  names: readonly string[],
  lock: string,
): Promise<void> {
  examineLeftovers(findings, files.folder, names, lock);
  await examineLateLines(findings, linesOf(files));
}

async function examineDocument(findings: Findings, { path, repair }: DocumentPlace): Promise<void> {
  const { fileSystem } = findings;
  await findings.file(path, async () => {
    if (await isDamagedDocument(fileSystem, path)) {
      findings.add(path, { kind: "damage", reason: "it is not a JSON object", lost: true, repair });
      return;
    }
    const text = documentText(fileSystem, path);
    if (asJson(text) !== text) findings.add(path, { kind: "remark", reason: BARE_WORDS, lost: false });
  });
}

/** Looks for lines that others added to files while they were rewritten, and that no writer has carried over. */
async function examineLateLines(findings: Findings, paths: readonly string[]): Promise<void> {
  const look = async () => pendingLines(findings, paths);
  for (const { isOurs, link, lines } of await stableRead(findings, paths, look)) {
    const [what, where] = lines === 1 ? ["1 line was", "is"] : [`${lines} lines were`, "are"];
    const how = isOurs ? "added late to a log that was rewritten" : "brought by a copy or a clone of this folder";
    const reason = `${what} ${how}, and ${where} not in the log yet`;
    findings.add(link, { kind: "damage", reason, lost: true, repair: "carries them over" });
  }
}

function pendingLines({ fileSystem }: Findings, paths: readonly string[]) {
  try {
    return lateLines(fileSystem, paths).filter(({ lines }) => lines > 0);
  } catch (error) {
    // Another process has just carried them over.
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  }
}

/** Looks for files under way whose writer was killed: while no process has the lock, nothing is under way. */
function examineLeftovers(findings: Findings, folder: string, names: readonly string[], lock: string): void {
  const underWay = names.filter((name) => isTemporary(name) || name.includes(".rewrite-"));
  if (underWay.length === 0 || isHeld(findings, lock)) return;
  for (const name of underWay) {
    const path = join(folder, name);
    if (statusAt(findings.fileSystem, path) === undefined) continue;
    const reason = "a file under way, whose writer was killed";
    findings.add(path, { kind: "leftover", reason, lost: false, repair: "removes it" });
  }
}
