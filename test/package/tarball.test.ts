import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { topics } from "../../src/cli/frame/topics.ts";
import { block, chapter } from "../readme/page.ts";
import { temporaryFolder } from "../support/places.ts";
import { checkout, ServerProcess } from "../support/server-process.ts";

const place = mkdtempSync(join(tmpdir(), "kaizen-package-"));
const tarball = join(place, `kaizen-metrics-${manifest.version}.tgz`);
const project = join(place, "project");
const installed = join(project, "node_modules", "kaizen-metrics");
const program = join(project, "node_modules", ".bin", "kaizen-metrics");

beforeAll(() => {
  // dist is built already, from what is being tested (see build-once.ts), but for the declarations.
  npm(checkout, "run", "build:types");
  npm(checkout, "pack", "--ignore-scripts", "--pack-destination", place);
  // Offline and with every script that npm would run, as nothing else may be needed.
  npm(place, "install", "--offline", "--prefix", project, tarball);
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Without what an npm that runs the tests says to those below it. */
function withoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

function npm(cwd: string, ...args: readonly string[]): void {
  execFileSync("npm", [...args], { cwd, env: withoutNpm(), stdio: "pipe", shell: process.platform === "win32" });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

/** Their names say what is in them, and which bytes. */
const chunks = readdirSync(join(checkout, "dist", "chunks"))
  .map((name) => `chunks/${name}`)
  .sort();
const manual = topics.map((topic) => `manual/${topic}.md`).sort();

test("the package holds the program, what belongs to it, and nothing else", () => {
  expect(filesIn(installed)).toEqual([
    "LICENSE",
    "README.md",
    "dist/LICENSES.txt",
    ...chunks.map((chunk) => `dist/${chunk}`),
    "dist/index.d.mts",
    "dist/index.mjs",
    "dist/main.js",
    ...manual.map((page) => `dist/${page}`),
    "dist/package.json",
    "dist/page/page.css",
    "dist/page/page.js",
    "dist/plugin/.claude-plugin/marketplace.json",
    "dist/plugin/.claude-plugin/plugin.json",
    "dist/plugin/.mcp.json",
    "dist/plugin/LICENSE",
    "dist/plugin/commands/bad.md",
    "dist/plugin/commands/good.md",
    "dist/plugin/dist/LICENSES.txt",
    ...chunks.map((chunk) => `dist/plugin/dist/${chunk}`),
    "dist/plugin/dist/main.js",
    ...manual.map((page) => `dist/plugin/dist/${page}`),
    "dist/plugin/dist/package.json",
    "dist/plugin/dist/page/page.css",
    "dist/plugin/dist/page/page.js",
    "dist/plugin/hooks/hooks.json",
    "dist/plugin/package.json",
    "dist/plugin/skills/kaizen-loop/SKILL.md",
    "package.json",
  ]);
});

test("installing brings this one package", () => {
  const names = readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."));
  expect(names).toEqual(["kaizen-metrics"]);
});

test("nothing runs on the machine of whoever installs it", () => {
  const scripts = Object.keys(manifest.scripts);
  expect(scripts.filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
});

test.skipIf(process.platform === "win32")("the installed command says which version it is", () => {
  const { status, stdout, stderr } = spawnSync(program, ["--version"], { cwd: temporaryFolder(), encoding: "utf8" });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test.skipIf(process.platform === "win32")("the installed command prints its manual, through npm's link to it", () => {
  const { status, stdout, stderr } = spawnSync(program, ["help", "api"], { cwd: temporaryFolder(), encoding: "utf8" });
  const page = readFileSync(join(checkout, "src", "manual", "api.md"), "utf8");
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: page, stderr: "" });
});

test.skipIf(process.platform === "win32")("the installed command serves a client that records a run", async () => {
  const root = temporaryFolder();
  const server = new ServerProcess({ command: program, args: ["serve", "--root", root], cwd: temporaryFolder() });
  const { result } = await server.initialize();
  expect(result?.serverInfo).toMatchObject({ name: "kaizen-metrics", version: manifest.version });
  expect(await server.callTool("record_execution", { agent: "packer", success: true })).not.toHaveProperty("isError");
  expect(existsSync(join(root, ".kaizen", "metrics", "packer", "executions.jsonl"))).toBe(true);
});

/** As `npx` from the package's file, with a cache of its own and without a network. */
function throughNpx(...args: readonly string[]) {
  const line = ["exec", "--offline", "--yes", "--cache", join(place, "cache"), `--package=${tarball}`, "--"];
  return { command: "npm", args: [...line, "kaizen-metrics", ...args] };
}

test.skipIf(process.platform === "win32")(
  "npx from the package's file serves, but is named in no client's file",
  async () => {
    const root = temporaryFolder();
    const server = new ServerProcess({ ...throughNpx("serve", "--root", root), cwd: temporaryFolder() });
    const { result } = await server.initialize();
    expect(result?.serverInfo).toMatchObject({ name: "kaizen-metrics", version: manifest.version });

    const { command, args } = throughNpx("init", "--client", "claude-code", "--root", root);
    const { status, stderr } = spawnSync(command, args, { cwd: root, env: withoutNpm(), encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toContain("kaizen-metrics is not in npm's registry");
    expect(stderr).toContain(`npm install --save-dev /path/to/kaizen-metrics-${manifest.version}.tgz`);
    expect(readdirSync(root)).toEqual([]);
  },
);

/** A program of somebody who has installed the package. */
const consumer = `import { DEFAULT_RETENTION_DAYS, KaizenError, openKaizen, type Receipt } from "kaizen-metrics";

const kaizen = openKaizen({ projectRoot: process.argv[2] ?? "." });
const receipt: Receipt = await kaizen.record({ agent: "packer", success: true, quality_score: 0.9 });
const { summary } = await kaizen.summary("packer");
const error = await kaizen
  .verify({ agent: "packer", execution_id: "run_00000000000000000000", success: true, verified_by: "tests" })
  .catch((e: unknown) => e);
const code: string = error instanceof KaizenError ? error.code : "none";
console.log(JSON.stringify({ run: receipt.id?.slice(0, 4), runs: summary.execution_count, code, DEFAULT_RETENTION_DAYS }));
await kaizen.close();
`;

test("a program imports what the package exports, and records and reads with it", () => {
  const program = join(project, "consumer.mjs");
  writeFileSync(program, consumer.replace(", type Receipt", "").replaceAll(/: (?:Receipt|string|unknown)\b/g, ""));
  const { stdout, stderr } = spawnSync(process.execPath, [program, temporaryFolder()], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual({ run: "run_", runs: 1, code: "NOT_FOUND", DEFAULT_RETENTION_DAYS: 180 });
});

test("the program of the manual's page on the API compiles, records and reads", () => {
  const code = block(chapter("From your own code"), "ts");
  expect(compiled()).toMatch(/^wrong\.mts/);
  expect(compiled()).not.toContain("manual.mts");
  const program = join(project, "manual.mjs");
  writeFileSync(program, code);
  const ran = spawnSync(process.execPath, [program], { cwd: temporaryFolder(), encoding: "utf8" });
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout).toMatch(/^run_[0-9a-f]{20} 1\n1 too_few_runs .*\n# `/);
});

test("importing it starts nothing and prints nothing", () => {
  const code = 'import "kaizen-metrics"; console.log(process.getActiveResourcesInfo().join());';
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", code], { cwd: project, encoding: "utf8" });
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  expect(ran.stdout.trim()).not.toMatch(/Timeout|Server|TCP|Process/);
});

test("the declarations stand alone: a strict compiler takes a right program and refuses a wrong one", () => {
  const declarations = readFileSync(join(installed, "dist", "index.d.mts"), "utf8");
  expect(declarations.match(/\bfrom ["'][^"']+["']/g) ?? []).toEqual([]);
  const said = compiled();
  expect(said.match(/^\w+\.mts/gm)).toEqual(["wrong.mts", "wrong.mts"]);
  expect(said.match(/error TS\d+/g)).toEqual(["error TS2322", "error TS2353"]);
});

let said: string | undefined;

/**
 * What a strict compiler says without the types of Node.js, which who uses the package need not have. Asked once: it takes
 * longer to begin than to read three programs.
 */
function compiled(): string {
  if (said !== undefined) return said;
  const programs = {
    "manual.mts": block(chapter("From your own code"), "ts"),
    "right.mts": consumer,
    "wrong.mts": consumer.replace("success: true,", 'success: "yes",').replace("execution_id: ", "run: "),
  };
  for (const [name, code] of Object.entries(programs)) writeFileSync(join(project, name), code);
  writeFileSync(join(project, "globals.d.ts"), "declare const process: { argv: string[]; cwd(): string };\n");
  const options = ["--noEmit", "--strict", "--target", "es2023", "--module", "nodenext", "--ignoreConfig"];
  const compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
  const line = [compiler, ...options, "globals.d.ts", ...Object.keys(programs)];
  const ran = spawnSync(process.execPath, line, { cwd: project, encoding: "utf8" });
  said = ran.stdout + ran.stderr;
  return said;
}

test("publint finds nothing to say about it", async () => {
  const bytes = readFileSync(tarball);
  const { messages } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
  });
  expect(messages).toEqual([]);
});
