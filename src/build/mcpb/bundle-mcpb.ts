import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { checkout } from "../checkout.ts";
import { mcpbCommand } from "./command.ts";
import { fillMcpbFolder } from "./folder.ts";
import { mcpbManifest } from "./manifest.ts";

// `npm run bundle:mcpb`: packs what is in dist for desktop clients, then unpacks it and starts it as they would. The
// tool for it is fetched when it is needed: it brings 55 packages, and nothing else here uses any of them.

const tool = "@anthropic-ai/mcpb@2.1.2";
const bundle = join(checkout, "dist", `${mcpbManifest.name}-${mcpbManifest.version}.mcpb`);
const workplace = mkdtempSync(join(tmpdir(), "kaizen-mcpb-"));
try {
  fillMcpbFolder(join(workplace, "packed"));
  mcpb("validate", join("packed", "manifest.json"));
  mcpb("pack", "packed", bundle);
  mcpb("unpack", bundle, "unpacked");
  const names = await toolsOf(join(workplace, "unpacked"));
  const promised = mcpbManifest.tools.map(({ name }) => name);
  if (names.join() !== promised.join()) throw new Error(`the bundle has the tools ${names.join(", ")}`);
  process.stdout.write(`\nUnpacked again, it starts and has the ${names.length} tools of its manifest.\n${bundle}\n`);
} finally {
  rmSync(workplace, { recursive: true, force: true });
}

function mcpb(...args: readonly string[]): void {
  const command = ["exec", "--yes", `--package=${tool}`, "--", "mcpb", ...args];
  const windows = process.platform === "win32";
  const { status, error } = spawnSync("npm", command, { cwd: workplace, stdio: "inherit", shell: windows });
  if (error) throw error;
  if (status !== 0) throw new Error(`mcpb ${args[0]} ended with ${status}`);
}

async function toolsOf(folder: string): Promise<string[]> {
  const { command, args, env } = mcpbCommand(folder, { project: workplace });
  const client = new Client({ name: "bundle-mcpb", version: "1" });
  await client.connect(
    new StdioClientTransport({ command, args: [...args], env: { ...getDefaultEnvironment(), ...env }, cwd: workplace }),
  );
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}
