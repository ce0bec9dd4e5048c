import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../../src/build/bundle.ts";
import { startBridge } from "./bridge.ts";
import { agent, scenariosLeftOut, scenariosToRun, standInFor } from "./scenarios.ts";
import { type Check, installSuite, listScenarios, runScenario } from "./suite.ts";

// `npm run conformance`: the protocol's own suite against the server as it is built, over the bridge.

const say = (text: string) => void process.stdout.write(`${text}\n`);
const server = join(checkout, "dist", "main.js");
const place = mkdtempSync(join(tmpdir(), "kaizen-conformance-"));
const project = join(place, "project");
let failures = 0;

try {
  say(`${installSuite()}\n`);
  recordRun();
  const offered = await listScenarios();
  for (const name of offered.filter((name) => Object.hasOwn(scenariosToRun, name))) await judge(name);
  say("\nLeft out:");
  for (const [name, reason] of Object.entries(scenariosLeftOut)) say(`  ${name.padEnd(31)}${reason}`);
  const known = [...Object.keys(scenariosToRun), ...Object.keys(scenariosLeftOut)];
  const unknown = offered.filter((name) => !known.includes(name));
  const gone = known.filter((name) => !offered.includes(name));
  for (const name of unknown) say(`\nThe suite has a scenario that nobody has decided about yet: ${name}`);
  for (const name of gone) say(`\nThe suite has no scenario ${name} any more.`);
  failures += unknown.length + gone.length;
} finally {
  rmSync(place, { recursive: true, force: true });
}
say(`\n${failures === 0 ? "Everything passed." : `${failures} to look at.`}`);
process.exitCode = failures === 0 ? 0 : 1;

async function judge(name: string): Promise<void> {
  const standIns = scenariosToRun[name] ?? {};
  const bridge = await startBridge(process.execPath, [server, "serve", "--root", project], (message) =>
    standInFor(message, standIns),
  );
  const checks = await runScenario(name, bridge.url, join(place, name)).finally(() => bridge.close());
  const wrong = checks.filter((check) => check.status === "FAILURE" || check.status === "WARNING");
  const right = checks.filter((check) => check.status === "SUCCESS");
  const passed = wrong.length === 0 && right.length > 0;
  if (!passed) failures += 1;
  const ours = Object.keys(standIns).length > 0 ? "  (with a name of this server)" : "";
  say(`${passed ? "pass" : "FAIL"}  ${name.padEnd(27)}${right.map((check) => check.id).join(", ")}${ours}`);
  for (const check of wrong) say(`      ${describe(check)}`);
}

function describe({ id, status, errorMessage = "" }: Check): string {
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
