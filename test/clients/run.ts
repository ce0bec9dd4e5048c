import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../src/build/bundle.ts";
import { CLAUDE_CODE_VERSION, installedClaudeCode } from "./installed-client.ts";
import { server } from "./scene.ts";
import { play } from "./scenes.ts";

// `npm run clients`: the real Claude Code, a model that says what it is told to, the built program, and a stand-in for
// gh. KAIZEN_CLIENTS names a folder with Claude Code in its node_modules; without it, npm installs one for this run.

const say = (text: string) => void process.stdout.write(`${text}\n`);
const place = mkdtempSync(join(tmpdir(), "kaizen-clients-"));
let failures = 0;

try {
  if (!existsSync(server)) execFileSync("npm", ["run", "--silent", "build"], { cwd: checkout, stdio: "inherit" });
  const claude = installedClaudeCode(join(place, "client"));
  say(`Claude Code ${CLAUDE_CODE_VERSION}, Node.js ${process.version}\n`);
  for await (const { isSo, seen, what } of play(place, claude)) {
    if (!isSo) failures += 1;
    say(`${isSo ? "pass" : "FAIL"}  ${what.padEnd(58)}${seen}`);
  }
} finally {
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
}
say(`\n${failures === 0 ? "Everything is so." : `${failures} not so.`}`);
process.exitCode = failures === 0 ? 0 : 1;
