import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../src/build/checkout.ts";
import { play } from "./evidence/scenes.ts";
import { install, versionOf } from "./install.ts";
import type { Outcome } from "./matrix/outcome.ts";
import { callTools, converse } from "./matrix/scene.ts";
import { faultsOf, type Row, rowOf, tableOf } from "./matrix/table.ts";
import { claudeCode } from "./programs/claude-code.ts";
import type { Installable, Start } from "./programs/client.ts";
import { agentClients, toolClients } from "./programs/index.ts";
import { server } from "./user.ts";

// `npm run clients [-- NAME…]`: real clients of MCP, a model that says what it is told to, and the built program. Behind
// the table of all clients, or of those whose name begins so, it plays with Claude Code how runs are verified.

const say = (text: string) => void process.stdout.write(`${text}\n`);
const place = mkdtempSync(join(tmpdir(), "clients-"));
const wanted = process.argv.slice(2);
const began = Date.now();
const rows: Row[] = [];
let failures = 0;

try {
  if (!existsSync(server)) execFileSync("npm", ["run", "--silent", "build"], { cwd: checkout, stdio: "inherit" });
  say(`${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${process.platform}\n`);
  for (const client of agentClients.filter(isWanted))
    await tried(client, converse.bind(undefined, client), (outcome) => faultsOf(client, outcome));
  for (const client of toolClients.filter(isWanted))
    await tried(client, callTools.bind(undefined, client), ({ errors, main, recorded }) => [
      ...(main.tools === 8 ? [] : [`${main.tools} tools`]),
      ...(recorded === undefined ? ["nothing is recorded"] : []),
      ...errors,
    ]);
  say(tableOf(rows));
  failures += rows.filter(({ faults }) => faults.length > 0).length;
  if (isWanted({ name: "evidence" })) {
    say(`\nVerified with ${claudeCode.title} ${versionOf(claudeCode)}`);
    for await (const { isSo, seen, what } of play(place, install(claudeCode))) {
      if (!isSo) failures += 1;
      say(`${isSo ? "pass" : "FAIL"}  ${what.padEnd(58)}${seen}`);
    }
  }
} finally {
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
}
say(`\n${Math.round((Date.now() - began) / 1000)} s. ${failures === 0 ? "Everything is so." : `${failures} not so.`}`);
process.exitCode = failures === 0 ? 0 : 1;

function isWanted({ name }: { name: string }): boolean {
  return wanted.length === 0 || wanted.some((one) => name.startsWith(one));
}

async function tried(
  client: Installable,
  scene: (installed: Omit<Start, "user">, place: string) => Promise<Outcome>,
  faultsIn: (outcome: Outcome) => readonly string[],
): Promise<void> {
  const installed = install(client);
  const start = Date.now();
  let outcome: Outcome | undefined;
  let faults: readonly string[];
  try {
    outcome = await scene(installed, place);
    faults = faultsIn(outcome);
  } catch (error) {
    faults = [error instanceof Error ? error.message : String(error)];
  }
  rows.push(rowOf(client, outcome, Math.round((Date.now() - start) / 1000), faults));
  say(`${client.title}: ${faults.length === 0 ? "as it has to be" : `\n  ${faults.join("\n  ")}`}`);
  if (faults.length > 0 && outcome !== undefined)
    say(`  last seen:\n    ${outcome.log.join("\n").replaceAll("\n", "\n    ")}`);
}
