import { KaizenError } from "../errors.ts";
import type { Examination, Finding, OnProgress, Store } from "../storage/store.ts";

export type { Finding, OnProgress } from "../storage/store.ts";

/** What was found, and what became of it. */
export interface Checkup {
  readonly examination: Examination;
  /** What was found at first and is set right now; nothing if no repair was asked for. */
  readonly repaired: readonly Finding[];
  /** What is to be found now. */
  readonly remaining: readonly Finding[];
  /** What kept a repair from its work. */
  readonly failures: readonly KaizenError[];
}

/** Examines the store's files and, if that is wanted, repairs them and examines them once more. */
export async function checkUp(
  { files }: Pick<Store, "files">,
  options: { repair: boolean; onProgress: OnProgress },
): Promise<Checkup> {
  if (files === undefined) {
    throw new KaizenError("NOT_SUPPORTED", "This store keeps no files that could be examined or repaired.", {
      hint: "Look after it with the tools of its database.",
    });
  }
  const { repair, onProgress } = options;
  const before = await files.examine(onProgress);
  if (!repair || before.findings.every((finding) => finding.repair === undefined)) {
    return { examination: before, repaired: [], remaining: before.findings, failures: [] };
  }
  const failures = await files.repair(before.findings, onProgress);
  const examination = await files.examine(onProgress);
  const left = new Set(examination.findings.map(identityOf));
  const repaired = before.findings.filter((finding) => finding.kind !== "remark" && !left.has(identityOf(finding)));
  return { examination, repaired, remaining: examination.findings, failures };
}

/** Lines may have moved. */
function identityOf({ file, kind, reason }: Finding): string {
  return JSON.stringify([file, kind, reason]);
}
