import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../src/build/bundle.ts";

/** Pinned, so that a new version is a change that somebody makes and looks at. */
const packages = {
  "@modelcontextprotocol/conformance": "0.2.0-alpha.12",
  // The suite needs a newer Node.js than this project does; this package brings one.
  node: "22.23.3",
};

/** The newest revision of the protocol that the server speaks. */
const revision = "2025-11-25";

const folder = join(checkout, "node_modules", ".cache", "conformance");
const node = join(folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const program = join(folder, "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js");

export interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** Puts the suite into a cache, once: it is 50 packages and a second Node.js, and nothing but this run needs them. */
export function installSuite(): string {
  const wanted = `${JSON.stringify({ private: true, dependencies: packages, allowScripts: { node: true } }, null, 2)}\n`;
  const manifest = join(folder, "package.json");
  if (!existsSync(node) || !existsSync(manifest) || readFileSync(manifest, "utf8") !== wanted) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(manifest, wanted);
    const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], {
      cwd: folder,
      stdio: "inherit",
      shell: process.platform === "win32",
    });
    if (status !== 0 || !existsSync(node)) throw new Error(`the suite could not be installed in ${folder}`);
  }
  return Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

/** The names of the scenarios for servers that speak our revision. */
export async function listScenarios(): Promise<string[]> {
  const listed = await run("list", "--server", "--spec-version", revision);
  return [...listed.matchAll(/^ {2}- (\S+)/gm)].map((match) => match[1] ?? "");
}

export async function runScenario(name: string, url: string, results: string): Promise<Check[]> {
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
