import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allCommands } from "../src/cli/commands/index.ts";
import { tools } from "../src/mcp/tools/index.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));
const importPattern = /^(?:import|export)\b(?:[^;"=]*?\bfrom)?\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm;
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => {
    const text = readFileSync(join(source, path), "utf8");
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    return {
      path,
      text,
      code,
      imports: [...code.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? ""),
    };
  });

/** What each room may import; a room is a folder of `src`, or a file directly in it. */
const allowed: Record<string, RegExp> = {
  domain: /^(domain|errors|zod)$/,
  adr004: /^(adr004|domain|zod|node)$/,
  storage: /^(storage|adr004|domain|errors|pg|zod|node)$/,
  /** Which store a project has, and what of a team's was confirmed. */
  team: /^(team|storage|trust|config|domain|errors|zod|node)$/,
  trust: /^(trust|errors|zod|node)$/,
  kaizen: /^(kaizen|adr004|domain|errors|storage)$/,
  // Of the package, a build keeps some rows of prices, and nothing else: see src/build/program/price-data.ts.
  evidence: /^(evidence|trust|domain|errors|sax|zod|node|@pydantic\/genai-prices)$/,
  messages: /^(messages|kaizen|domain)$/,
  mcp: /^(mcp|messages|kaizen|domain|errors|log|sdk|zod|node)$/,
  dashboard: /^(dashboard|messages|kaizen|domain|errors|log|node)$/,
  cli: /^(cli|dashboard|messages|kaizen|evidence|team|trust|domain|errors|log|config|project-root|zod|diff|jsonc-parser|smol-toml|node)$/,
  errors: /^$/,
  log: /^domain$/,
  config: /^(domain|errors|node)$/,
  "project-root": /^(config|domain|errors|node)$/,
  machine: /^(project-root|node)$/,
  "open-kaizen": /^(kaizen|storage|team|trust|config|domain|errors|node)$/,
  index: /^(errors|kaizen|open-kaizen|domain)$/,
  "serve-stdio": /^(config|dashboard|errors|kaizen|log|machine|mcp|open-kaizen|project-root|node)$/,
  main: /^(code-cache|program|program-of-clients|program-of-server|program-parts|node|\.\.)$/,
  "code-cache": /^(code-cache|node)$/,
  program: /^(cli|command-line|open-kaizen|program-of-server|program-parts)$/,
  "program-of-server": /^(cli|config|log|program-parts|serve-stdio|node)$/,
  "program-of-clients": /^(cli|command-line|open-kaizen|program-parts)$/,
  "program-parts": /^(errors|node)$/,
  "command-line": /^(?!storage$|domain$|sdk$|mcp$|build$|plugin$)/,
  // What a browser runs: of the rest it knows the shape of the view model only.
  page: /^(page|domain|preact|preact\/hooks)$/,
  // No part of the program: it makes out of it what is published.
  build: /^(build|plugin|cli|mcp|evidence|domain|sdk|esbuild|rollup|terser|rollup-plugin-dts|zod|node|\.\.)$/,
  plugin: /^(plugin|cli|node)$/,
};

function roomOf(path: string): string {
  return path.split("/")[0]?.replace(/\.tsx?$/, "") ?? "";
}

function imported(file: { path: string }, specifier: string): string {
  if (specifier.startsWith("node:")) return "node";
  if (specifier.startsWith("@modelcontextprotocol/sdk/")) return "sdk";
  return specifier.startsWith(".") ? roomOf(join(dirname(file.path), specifier).replaceAll("\\", "/")) : specifier;
}

function offenders(rooms: RegExp, pattern: RegExp): string[] {
  return files.filter(({ path, code }) => rooms.test(path) && pattern.test(code)).map(({ path }) => path);
}

test("imports point one way", () => {
  const wrong = files.flatMap((file) =>
    file.imports
      .filter((specifier) => !allowed[roomOf(file.path)]?.test(imported(file, specifier)))
      .map((specifier) => `${file.path} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

/** What a file imports of `src`, by its path. */
function importsInside({ path, imports }: { path: string; imports: readonly string[] }): string[] {
  return imports
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => join(dirname(path), specifier).replaceAll("\\", "/"));
}

/** By folder: which of its files and rooms import which others. */
function importsByFolder(): Map<string, Map<string, Set<string>>> {
  const folders = new Map<string, Map<string, Set<string>>>();
  for (const file of files) {
    const from = file.path.split("/");
    for (const target of importsInside(file)) {
      const to = target.split("/");
      const depth = from.findIndex((part, index) => part !== to[index]);
      const [room, other] = [from[depth], to[depth]];
      if (room === undefined || other === undefined) continue;
      const folder = from.slice(0, depth).join("/");
      const arrows = folders.get(folder) ?? new Map<string, Set<string>>();
      folders.set(folder, arrows.set(room, (arrows.get(room) ?? new Set()).add(other)));
    }
  }
  return folders;
}

/** Those that import themselves in the end. */
function inCircles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reached = (start: string): Set<string> => {
    const seen = new Set(arrows.get(start));
    for (const room of seen) for (const next of arrows.get(room) ?? []) seen.add(next);
    return seen;
  };
  return [...arrows.keys()].filter((room) => reached(room).has(room));
}

test("no folder has files or rooms that import each other in a circle", () => {
  const circles = [...importsByFolder()].flatMap(([folder, arrows]) => {
    const rooms = inCircles(arrows);
    return rooms.length === 0 ? [] : `${folder}: ${rooms.join(", ")}`;
  });
  expect(circles).toEqual([]);
});

test("no folder has more files than are seen at once, and a command's file stands in the folder of its group", async () => {
  const folders = [...new Set(files.map(({ path }) => dirname(path)))];
  const filesIn = (folder: string) => files.filter(({ path }) => dirname(path) === folder);
  expect(folders.filter((folder) => filesIn(folder).length > 15)).toEqual([]);
  const groups = (await allCommands()).map(({ group, name }) => `cli/commands/${group}/${name}.ts`);
  expect(groups.filter((path) => !files.some((file) => file.path === path))).toEqual([]);
});

test("use cases know the port of the store, and nothing of an engine", () => {
  const wrong = files
    .filter(({ path }) => path.startsWith("kaizen/"))
    .flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => /\/storage\//.test(specifier) && !specifier.endsWith("/storage/store.ts"))
        .map((specifier) => `${path} imports ${specifier}`),
    );
  expect(wrong).toEqual([]);
});

test("the lines of ADR-004 are read and written without files", () => {
  const ofNode = files
    .filter(({ path }) => path.startsWith("adr004/"))
    .flatMap(({ imports }) => imports.filter((specifier) => specifier.startsWith("node:")));
  expect([...new Set(ofNode)].sort()).toEqual(["node:buffer", "node:crypto"]);
});

/** How the use cases call each part of the port. */
const callers: Record<string, string> = {
  RunStore: "runs|target",
  LifecycleStore: "lifecycle",
  EvidenceStore: "evidence",
  AdviceStore: "advice|kept",
  Retention: "retention",
  Ordering: "ordering",
  Voiding: "voiding",
  Moving: "moving",
  Receiving: "receiving",
  StoreFiles: "files",
};

test("each method of the port has a caller among the use cases", () => {
  const textOf = (pattern: RegExp) => files.flatMap(({ path, code }) => (pattern.test(path) ? code : [])).join("\n");
  const useCases = textOf(/^kaizen\//);
  const parts = [
    ...textOf(/^storage\/(store|capabilities|health)\.ts$/).matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm),
  ];
  const methods = parts.flatMap(([, part = "", body = ""]) =>
    [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, method = ""]) => ({ part, method })),
  );
  expect(new Set(methods.map(({ part }) => part))).toEqual(new Set(Object.keys(callers)));
  const isCalled = ({ part, method }: { part: string; method: string }) =>
    new RegExp(`\\b(?:${callers[part]})\\??\\.${method}\\(`).test(useCases);
  expect(methods.filter((one) => !isCalled(one))).toEqual([]);
});

/** Bytes, the lock, files that only grow and what they say, the kinds of them, the stores, and their examination. */
const ofFiles = ["files", "lock", "journal", "projection", "key-index"];
const floors = [...ofFiles, "run-view", "runs", "verifications", "run-events", "voiding", "moving", "", "doctor"];

test("the rooms of the JSONL store lie upon each other, and one file opens the door", () => {
  const floorOf = (path: string) => floors.indexOf(/^storage\/jsonl\/(?:([\w-]+)\/)?[^/]+$/.exec(path)?.[1] ?? "");
  const inStore = files.filter(({ path }) => path.startsWith("storage/jsonl/"));
  const wrong = inStore.flatMap((file) =>
    importsInside(file)
      .filter((target) => target.startsWith("storage/jsonl/") && floorOf(target) > floorOf(file.path))
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(inStore.filter(({ path }) => floorOf(path) < 0)).toEqual([]);
  expect(wrong).toEqual(["storage/jsonl/store.ts imports storage/jsonl/doctor/health.ts"]);
});

const inPostgres = ["server", "agents", "run-view", "runs", "events", "voiding", "moving", "receiving", ""];

test("the rooms of the team's store lie upon each other, one file speaks to the driver, and no engine knows another", () => {
  const floorOf = (path: string) =>
    inPostgres.indexOf(/^storage\/postgres\/(?:([\w-]+)\/)?[^/]+$/.exec(path)?.[1] ?? "");
  const inStore = files.filter(({ path }) => path.startsWith("storage/postgres/"));
  expect(inStore.filter(({ path }) => floorOf(path) < 0)).toEqual([]);
  const upwards = inStore.flatMap((file) =>
    importsInside(file)
      .filter((target) => target.startsWith("storage/postgres/") && floorOf(target) > floorOf(file.path))
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(upwards).toEqual([]);
  expect(files.filter(({ imports }) => imports.includes("pg")).map(({ path }) => path)).toEqual([
    "storage/postgres/server/connection.ts",
  ]);
  const rooms = new Set(files.flatMap(({ path }) => /^storage\/[^/]+\//.exec(path) ?? []));
  const engines = [...rooms].filter((room) => room !== "storage/shared/");
  const acquainted = files
    .filter((file) =>
      importsInside(file).some((target) =>
        engines.some((engine) => target.startsWith(engine) && !file.path.startsWith(engine)),
      ),
    )
    .map(({ path }) => path)
    .filter((path) => [...rooms].some((room) => path.startsWith(room)));
  expect(acquainted).toEqual([]);
});

test("the rules of the domain know no clock, no randomness and no process", () => {
  expect(offenders(/^domain\//, /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\s*\)|\bcrypto\b|\bprocess\b/)).toEqual([]);
});

test("only the process boundary knows stdout, and nobody writes to the console", () => {
  expect(
    offenders(/^(?!command-line\.ts$|program-of-server\.ts$|serve-stdio\.ts$|build\/)/, /\bprocess\.stdout\b/),
  ).toEqual([]);
  expect(offenders(/^(?!program-parts\.ts$|serve-stdio\.ts$|build\/)/, /\bprocess\.stderr\b/)).toEqual([]);
  expect(offenders(/./, /\bconsole\.\w+\(/)).toEqual([]);
});

test("a tool's file is named as the tool", () => {
  const names = files.flatMap(({ path }) => /^mcp\/tools\/(?!index)(.+)\.ts$/.exec(path)?.[1] ?? []);
  expect(tools.map((tool) => tool.name).sort()).toEqual(names.sort());
});

test("no file is longer than 270 lines, and most are much shorter", () => {
  expect(files.filter(({ text }) => text.trimEnd().split("\n").length > 270).map(({ path }) => path)).toEqual([]);
});
