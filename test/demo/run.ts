import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startSession } from "./session.ts";
import { playDays } from "./story.ts";

/** `npm run demo`: a real client and the real server play two days in a project of their own. */

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const server = join(checkout, "dist", "main.js");
const say = (text: string) => void process.stdout.write(`${text}\n`);

if (!existsSync(server)) {
  say("dist/main.js is missing; building it first.");
  execFileSync("npm", ["run", "--silent", "build"], { cwd: checkout, shell: process.platform === "win32" });
}
const projectRoot = mkdtempSync(join(tmpdir(), "kaizen-demo-"));
say("kaizen-metrics remembers how well a project's agents work. These are two days with it.");
say(`Project: ${projectRoot}`);
say(`Server:  node ${server} --root ${projectRoot}`);
const session = await startSession(server, projectRoot);
try {
  await playDays({ session, projectRoot, now: Date.now(), say });
} finally {
  await session.close();
}
say(`\nThe folder stays. To go on in it, connect a client of your own with --root ${projectRoot}`);
