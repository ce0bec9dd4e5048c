import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Builds what the tests start, and keeps what they trust out of the home folder. Gives what clears up after them. */
export default function buildOnce(): () => void {
  execFileSync("npm", ["run", "--silent", "build"], {
    stdio: "pipe",
    shell: process.platform === "win32",
  });
  const stateHome = mkdtempSync(join(tmpdir(), "kaizen-state-"));
  // Workers, and the programs that they start, inherit it.
  process.env.XDG_STATE_HOME = stateHome;
  return () => rmSync(stateHome, { recursive: true, force: true });
}
