import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NEWER_NODE, PinnedPackages } from "../support/pinned-packages.ts";

const pinned = new PinnedPackages("conformance", {
  "@modelcontextprotocol/conformance": "0.2.0-alpha.12",
  ...NEWER_NODE,
});

const { folder, node } = pinned;
const program = join(folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");

export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** Puts the suite into a cache, once: it is 50 packages and a second Node.js, and nothing but this run needs them. */
export function installSuite(): string {
  return pinned.install(program);
}

/** The names of the scenarios for servers that speak a revision. */
export async function listScenarios(revision: string): Promise<string[]> {
  const listed = await run("list", "--server", "--spec-version", revision);
  return [...listed.matchAll(/^ {2}- (\S+)/gm)].map((match) => match[1] ?? "");
}

export async function runScenario(name: string, revision: string, url: string, results: string): Promise<Check[]> {
  const options = ["--url", url, "--scenario", name, "--spec-version", revision, "--output-dir", results];
  const said = await run("server", ...options);
  const file = readdirSync(results, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith("checks.json"));
  if (file === undefined) throw new Error(`${name} left no results: ${said}`);
  return JSON.parse(readFileSync(join(results, file), "utf8"));
}

/** Without waiting in place: the bridge that the suite talks to lives in this process. */
async function run(...args: readonly string[]): Promise<string> {
  const child = spawn(node, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  return new Promise((resolve, reject) => child.on("error", reject).on("close", () => resolve(said)));
}
