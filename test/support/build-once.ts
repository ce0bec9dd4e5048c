import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderInMemory } from "./memory.ts";

/**
 * Builds what the tests start, keeps what they trust out of the home folder, and what they write off the disk if there is
 * another place. Gives what clears up after them.
 */
export default function buildOnce(): () => void {
  const disk = tmpdir();
  const place = folderInMemory() ?? mkdtempSync(join(disk, "kaizen-tests-"));
  const metafile = join(place, "metafile.json");
  execFileSync(process.execPath, ["--import", "tsx", "src/build/build.ts", "--metafile", metafile], { stdio: "pipe" });
  const home = mkdtempSync(join(place, "home-"));
  // Workers, and the programs that they start, inherit it; of all variables also those that clients give to few.
  Object.assign(process.env, { HOME: home, LOCALAPPDATA: home, TMPDIR: place });
  Object.assign(process.env, { KAIZEN_TEST_DISK: disk, KAIZEN_TEST_METAFILE: metafile });
  delete process.env.XDG_STATE_HOME;
  // A test may set a home of its own: what was compiled of the program is the same there.
  process.env.XDG_CACHE_HOME = mkdtempSync(join(place, "cache-"));
  // Node.js 20 reads all certificates in such a file at every start, and no test speaks to another machine.
  delete process.env.NODE_EXTRA_CA_CERTS;
  return () => rmSync(place, { recursive: true, force: true });
}
