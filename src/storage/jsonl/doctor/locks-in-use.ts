import { join } from "node:path";
import { statusAt } from "../files/file-system.ts";
import { describeThisProcess, encodeOwner, isAlive, LEASE_MS, OWNER_FILE_LEASE_MS, type Owner } from "../lock/owner.ts";
import { readOwner } from "../lock/owner-file.ts";
import { MOVING_LOCK } from "../moving/intent.ts";
import type { Findings } from "./findings.ts";

/** Looks at locks and the owners of locks. Those of processes that are gone stop no process: the next taker sees to them. */
export async function examineLocks(findings: Findings): Promise<void> {
  const { layout } = findings;
  for (const [folder, what, leaseMs] of [
    [layout.locks, "lock", LEASE_MS],
    [layout.owners, "owner file", OWNER_FILE_LEASE_MS],
  ] as const) {
    for (const name of findings.names(folder)) {
      if (what === "lock" && !name.endsWith(".lock")) continue;
      const path = join(folder, name);
      // What this process has made in order to repair is no part of the store.
      if (isOurs(findings, path)) continue;
      await findings.file(path, () => {
        const owner = deadOwnerOf(findings, path, leaseMs);
        if (owner === undefined) return;
        const whose = owner.pid === 0 ? "an unknown process" : `process ${owner.pid}`;
        const reason = `the ${what} of ${whose}, which is gone`;
        findings.add(path, { kind: "leftover", reason, lost: false, repair: "removes it" });
      });
    }
  }
}

/** Looks whether moving an agent was begun, and no process is at it. */
export async function examineMoving(findings: Findings): Promise<void> {
  const { moving } = findings.layout;
  if (statusAt(findings.fileSystem, moving) === undefined || isHeld(findings, MOVING_LOCK)) return;
  const reason = "an agent was to be moved or removed, and that was not finished";
  findings.add(moving, { kind: "damage", reason, lost: false, repair: "finishes it" });
}

/** Whether a living process holds a lock. */
export function isHeld(findings: Findings, name: string): boolean {
  const path = join(findings.layout.locks, `${name}.lock`);
  const status = statusAt(findings.fileSystem, path);
  return status !== undefined && deadOwnerOf(findings, path) === undefined;
}

/** Who owns a lock, or an owner file, that is there still, though its owner is gone. */
function deadOwnerOf({ fileSystem }: Findings, path: string, leaseMs = LEASE_MS): Owner | undefined {
  const owner = readOwner(fileSystem, path);
  if (owner === undefined) return undefined;
  const ageMs = () => Date.now() - owner.changedAtMs;
  return isAlive(owner, ageMs, describeThisProcess(""), leaseMs) ? undefined : owner;
}

function isOurs({ fileSystem }: Findings, path: string): boolean {
  try {
    const seen = readOwner(fileSystem, path);
    if (seen === undefined) return false;
    const { changedAtMs: _, ...owner } = seen;
    return encodeOwner(owner).equals(encodeOwner(describeThisProcess(owner.nonce)));
  } catch {
    // What is wrong with it is told when it is looked at next.
    return false;
  }
}
