import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { cleanEnvironment } from "../support/environment.ts";
import { metafiles } from "../support/metafiles.ts";
import { temporaryFolder } from "../support/places.ts";
import { copyProgram } from "../support/program-copy.ts";
import { bundle, checkout } from "../support/server-process.ts";

// What a start loads is what it takes: Node compiles every byte of it, and a file more takes as long as 10 KB more.
// What clients run while a person is at work is a program of its own, in two parts: one that finds out whether the project
// takes part, and the rest.

/** The door, its two parts, and what the second shares with hooks in a project that takes no part. */
const FILES_OF_HOOK = 4;
/** The door, and what answers a client's handshake. */
const FILES_OF_FIRST_ANSWER = 2;

const { outputs: made } = metafiles().program;

/** Notes in the file that LOADED names what of the program is read. */
const noting = `
  import fs from "node:fs";
  const { readFileSync } = fs;
  const read = new Set([process.argv[1]]);
  fs.readFileSync = (path, ...rest) => {
    if (String(path).endsWith(".cjs")) read.add(path);
    return readFileSync(path, ...rest);
  };
  process.on("exit", () => fs.writeFileSync(process.env.LOADED, [...read].join("\\n")));`;

interface Loaded {
  /** Files of the bundle. */
  readonly files: readonly string[];
  /** What they were made of: files of `src`, or packages by their names. */
  readonly parts: ReadonlySet<string>;
}

async function loadedBy(args: readonly string[], stdin = ""): Promise<Loaded> {
  const loaded = join(temporaryFolder(), "loaded");
  const env = cleanEnvironment({ LOADED: loaded });
  const before = ["--import", `data:text/javascript,${encodeURIComponent(noting)}`];
  const child = spawn(process.execPath, [...before, bundle, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(stdin);
  child.stdout.resume();
  child.stderr.resume();
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  const dist = join(checkout, "dist");
  const files = readFileSync(loaded, "utf8")
    .split("\n")
    .filter((path) => path.startsWith(dist))
    .map((path) => basename(path));
  const outputs = Object.entries(made).filter(([path]) => files.includes(basename(path)));
  const inputs = outputs.flatMap(([, output]) =>
    Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  return { files, parts: new Set(inputs.map(([path]) => partOf(path))) };
}

function partOf(path: string): string {
  return /\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path.replace(/^src\//, "");
}

/** Those of the parts that are meant by a pattern. */
function among({ parts }: Loaded, pattern: RegExp): string[] {
  return [...parts].filter((part) => pattern.test(part)).sort();
}

function projectWithStore(): string {
  const project = temporaryFolder();
  mkdirSync(join(project, ".kaizen"));
  return project;
}

const packages = /^(?!package\.json$)(?!.*\.ts$)/;
/** They are one file of the bundle: see src/cli/commands/hooks.ts. */
const clientCommands = ["cli/commands/connect/hook.ts", "cli/commands/connect/statusline.ts"];
const commandFiles = /^cli\/commands\/(?!index|connect\/serve)/;

const payload = { hook_event_name: "SubagentStart", agent_id: "a1", agent_type: "packer" };

test("the version is printed by the door", async () => {
  const { parts } = await loadedBy(["--version"]);
  expect([...parts].sort()).toEqual([
    "code-cache/code-cache.ts",
    "code-cache/code-loader.ts",
    "code-cache/place.ts",
    "main.ts",
    "package.json",
  ]);
});

test("a hook loads what hooks and the store need, and of packages only the one that checks what it reads", async () => {
  const loaded = await loadedBy(["hook", "subagent-start", "--root", projectWithStore()], JSON.stringify(payload));
  expect(loaded.files).toHaveLength(FILES_OF_HOOK);
  expect(among(loaded, packages)).toEqual(["@pydantic/genai-prices", "zod"]);
  expect(among(loaded, commandFiles)).toEqual(clientCommands);
  expect(among(loaded, /^(mcp|cli\/(export|import))\//)).toEqual([]);
  expect(
    among(
      loaded,
      /^cli\/(clients\/(?:files|entries)|hooks\/(?:\w+\/)?(subagent-after|cursor-end|same-hook|project-conf))/,
    ),
  ).toEqual([]);
});

test("schemas that nothing reads with are made by no hook", () => {
  const bundled = Object.keys(made).filter((path) => /program-of-clients/.test(path));
  const text = bundled.map((path) => readFileSync(join(checkout, path), "utf8")).join("\n");
  // One that is read with, one of the answers of tools, and one of the page.
  expect(text).toContain("first_seen");
  expect(text).not.toContain("Wilson 95% interval of the rate");
  expect(text).not.toContain("Outcomes; where a run was verified");
});

test("a hook in a project that takes no part loads no store, but what reads a client's files", async () => {
  const project = temporaryFolder();
  mkdirSync(join(project, ".git"));
  const loaded = await loadedBy(["hook", "subagent-start"], JSON.stringify({ ...payload, cwd: project }));
  expect(among(loaded, /^(storage\/jsonl\/|kaizen\/kaizen\.ts)/)).toEqual([]);
  expect(among(loaded, packages)).toEqual(["jsonc-parser", "smol-toml"]);
});

test("a status line loads no more than a hook does", async () => {
  const loaded = await loadedBy(["statusline", "--root", projectWithStore()], "{}");
  expect(loaded.files).toHaveLength(FILES_OF_HOOK);
  expect(among(loaded, packages)).toEqual(["@pydantic/genai-prices", "zod"]);
  expect(among(loaded, commandFiles)).toEqual(clientCommands);
});

test("a command loads none of what another is made of", async () => {
  const init = await loadedBy(["init", "--client", "cursor", "--dry-run", "--root", temporaryFolder()]);
  expect(among(init, /^(storage\/jsonl|mcp|cli\/(export|import|hooks))\//)).toEqual([]);
  const summary = await loadedBy(["agents", "--root", temporaryFolder()]);
  expect(among(summary, /^(mcp|cli\/(clients|export|import|hooks))\//)).toEqual([]);
  expect(among(summary, packages)).toEqual(["zod"]);
});

const request = (id: number, method: string, params = {}) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
const clientInfo = { name: "start-up", version: "1" };
const handshake = request(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo });

test("a server answers a client's handshake before it loads what tools need, and loads no commands", async () => {
  const first = await loadedBy(["serve", "--root", temporaryFolder()], handshake);
  expect(first.files).toHaveLength(FILES_OF_FIRST_ANSWER);
  expect(among(first, /^cli\//)).toEqual(["cli/frame/serve-line.ts"]);
  expect(among(first, /^(kaizen|storage|mcp\/tools)\//)).toEqual([]);
  const later = await loadedBy(["serve", "--root", temporaryFolder()], handshake + request(2, "tools/list"));
  expect(later.files).toHaveLength(FILES_OF_FIRST_ANSWER + 1);
  expect(among(later, /^cli\//)).toEqual(["cli/frame/serve-line.ts"]);
});

test.each([
  [["hook", "subagent-start"], 0],
  [["statusline"], 0],
  [["summary"], 1],
  [[], 1],
])("a start that finds a part of the program missing says so in a line: %j", (args, status) => {
  const folder = temporaryFolder();
  const program = copyProgram(folder);
  for (const name of readdirSync(join(folder, "chunks"))) rmSync(join(folder, "chunks", name));
  const {
    status: ended,
    stderr,
    stdout,
  } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env: cleanEnvironment(),
    encoding: "utf8",
    input: "",
  });
  expect({ ended, stdout }).toEqual({ ended: status, stdout: "" });
  expect(stderr).toMatch(/^kaizen-metrics: A part of the program could not be loaded \(ENOENT: .+\)\. .+\n$/);
});
