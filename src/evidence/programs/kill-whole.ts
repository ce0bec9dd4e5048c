import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** Kills a program with all of its group, also once it has ended itself. */
export function killWhole({ exitCode, pid, signalCode }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    // A process that is gone has no tree any more, and its number may be another's.
    if (exitCode === null && signalCode === null) killTree(pid);
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}

/** Was not tried. */
function killTree(pid: number): void {
  const folder = process.env.SystemRoot ?? "C:\\Windows";
  const taskkill = spawn(join(folder, "System32", "taskkill.exe"), ["/pid", String(pid), "/T", "/F"], {
    stdio: "ignore",
    windowsHide: true,
  });
  taskkill.on("error", () => {});
}
