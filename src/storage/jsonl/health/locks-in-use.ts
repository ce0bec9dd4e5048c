import { join } from "node:path";
import { READ, readRange, statusAt, statusOf, withFile } from "../files/file-system.ts";
import { hasErrno } from "../files/fs-errors.ts";
import { decodeOwner, describeThisProcess, encodeOwner, isAlive, type Owner } from "../lock/owner.ts";
import type { Findings } from "./findings.ts";

/** Looks at locks and the owners of locks. Those of processes that are gone are in nobody's way: the next taker sees to them. */
export async function examineLocks(findings: Findings): Promise<void> {
  const { layout } = findings;
  for (const [folder, what] of [
    [layout.locks, "lock"],
    [layout.owners, "owner file"],
  ] as const) {
    for (const name of findings.names(folder)) {
      if (what === "lock" && !name.endsWith(".lock")) continue;
      const path = join(folder, name);
      // What whoever examines has made in order to repair is no part of the store.
      if (isOurs(findings, path)) continue;
      await findings.file(path, () => {
        const owner = deadOwnerOf(findings, path);
        if (owner === undefined) return;
        const whose = owner.pid === 0 ? "an unknown process" : `process ${owner.pid}`;
        const reason = `the ${what} of ${whose}, which is gone`;
        findings.add(path, { kind: "leftover", reason, lost: false, repair: "removes it" });
      });
    }
  }
}

/** Whether a living process holds a lock. */
export function isHeld(findings: Findings, name: string): boolean {
  const path = join(findings.layout.locks, `${name}.lock`);
  const status = statusAt(findings.fileSystem, path);
  return status !== undefined && deadOwnerOf(findings, path) === undefined;
}

/** Who owns a lock that is there still, though its owner is gone. */
function deadOwnerOf(findings: Findings, path: string): Owner | undefined {
  const seen = ownerAt(findings, path);
  if (seen === undefined) return undefined;
  return isAlive(seen.owner, seen.ageMs, describeThisProcess("")) ? undefined : seen.owner;
}

function isOurs(findings: Findings, path: string): boolean {
  try {
    const owner = ownerAt(findings, path)?.owner;
    return owner !== undefined && encodeOwner(owner).equals(encodeOwner(describeThisProcess(owner.nonce)));
  } catch {
    // Whatever is wrong with it is told by whoever looks at it next.
    return false;
  }
}

/** `undefined` where it was released meanwhile. */
function ownerAt({ fileSystem }: Findings, path: string): { owner: Owner; ageMs: number } | undefined {
  try {
    return withFile(fileSystem, path, READ, (fd) => {
      const { identity, changedAtMs } = statusOf(fileSystem, fd);
      const owner = decodeOwner(readRange(fileSystem, fd, 0, 4096).toString("utf8"), identity);
      return { owner, ageMs: Date.now() - changedAtMs };
    });
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
