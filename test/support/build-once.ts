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
  const home = mkdtempSync(join(tmpdir(), "kaizen-home-"));
  // Workers, and the programs that they start, inherit it; of all variables also those that clients give to few.
  Object.assign(process.env, { HOME: home, LOCALAPPDATA: home });
  delete process.env.XDG_STATE_HOME;
  // Node.js 20 reads all certificates in such a file at every start, and no test speaks to another machine.
  delete process.env.NODE_EXTRA_CA_CERTS;
  return () => rmSync(home, { recursive: true, force: true });
}
