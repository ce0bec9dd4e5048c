import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../src/build/checkout.ts";
import { agent, type Part, parts, standingIn } from "./scenarios.ts";
import { type Check, installSuite, listScenarios, runScenario } from "./suite.ts";

// `npm run conformance`: the protocol's own suite against the server as it is built, over a bridge, in both eras.

const say = (text: string) => void process.stdout.write(`${text}\n`);
const server = join(checkout, "dist", "main.js");
const place = mkdtempSync(join(tmpdir(), "kaizen-conformance-"));
const project = join(place, "project");
let failures = 0;

try {
  say(installSuite());
  recordRun();
  for (const part of parts) await judgePart(part);
} finally {
  rmSync(place, { recursive: true, force: true });
}
say(`\n${failures === 0 ? "Everything passed." : `${failures} to look at.`}`);
process.exitCode = failures === 0 ? 0 : 1;

async function judgePart(part: Part): Promise<void> {
  const { leftOut, revision, run } = part;
  say(`\nRevision ${revision}\n`);
  const offered = await listScenarios(revision);
  for (const name of offered.filter((name) => Object.hasOwn(run, name))) await judge(part, name);
  say("\nLeft out:");
  for (const [name, reason] of Object.entries({ ...leftOut, ...part.checksLeftOut }))
    say(`  ${name.padEnd(56)}${reason}`);
  const known = [...Object.keys(run), ...Object.keys(leftOut)];
  const unknown = offered.filter((name) => !known.includes(name));
  const gone = known.filter((name) => !offered.includes(name));
  for (const name of unknown) say(`\nThe suite has a scenario that nobody has decided about yet: ${name}`);
  for (const name of gone) say(`\nThe suite has no scenario ${name} any more.`);
  failures += unknown.length + gone.length;
}

async function judge({ checksLeftOut, revision, run, start }: Part, name: string): Promise<void> {
  const standIns = run[name] ?? {};
  const bridge = await start(process.execPath, [server, "serve", "--root", project], standingIn(standIns));
  const checks = await runScenario(name, revision, bridge.url, join(place, revision, name)).finally(bridge.close);
  const isWrong = ({ status }: Check) => status === "FAILURE" || status === "WARNING";
  const wrong = checks.filter((check) => isWrong(check) !== Object.hasOwn(checksLeftOut, check.id));
  const right = checks.filter((check) => check.status === "SUCCESS");
  const passed = wrong.length === 0 && right.length > 0;
  if (!passed) failures += 1;
  const ours = Object.keys(standIns).length > 0 ? "  (with a name of this server)" : "";
  const ids = right.length > 8 ? `${right.length} checks` : right.map((check) => check.id).join(", ");
  say(`${passed ? "pass" : "FAIL"}  ${name.padEnd(29)}${ids}${ours}`);
  for (const check of wrong) say(`      ${describe(check)}`);
}

function describe({ id, status, errorMessage = "is left out, but has passed" }: Check): string {
  return `${id}: ${status} ${errorMessage}`;
}

/** Something to find, from the door that agents use. */
function recordRun(): void {
  mkdirSync(project);
  const clientInfo = { name: "conformance", version: "1" };
  const messages = [
    { id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "record_execution", arguments: { agent, success: true } } },
  ];
  const input = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join("");
  const { stdout } = spawnSync(process.execPath, [server, "serve", "--root", project], { input, encoding: "utf8" });
  if (!stdout.includes('"recorded":true')) throw new Error(`the run was not recorded: ${stdout}`);
}
