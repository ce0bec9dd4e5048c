import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundledFolders } from "../../src/build/licences.ts";
import { metafiles } from "../support/metafiles.ts";
import { checkout } from "../support/server-process.ts";

const parts = readFileSync(join(checkout, "dist", "LICENSES.txt"), "utf8").split(/^-{80}$/m);
const heading = /^\s*(\S+) (\d\S*) \(([^)]+)\)$/m;
const named = parts.slice(1).map((part) => heading.exec(part)?.[1]);

test("every package of which something is bundled is named, with its version", () => {
  const { page, program } = metafiles();
  const bundled = [program, page]
    .flatMap((metafile) => bundledFolders(metafile))
    .map((folder) => folder.replace(/^.*node_modules\//, ""));
  expect(named).toEqual(bundled.sort());
  // Whoever adds one sees it here.
  expect(named).toEqual([
    "@modelcontextprotocol/sdk",
    "@pydantic/genai-prices",
    "diff",
    "jsonc-parser",
    "pg",
    "pg-cloudflare",
    "pg-connection-string",
    "pg-int8",
    "pg-pool",
    "pg-protocol",
    "pg-types",
    "postgres-array",
    "postgres-bytea",
    "postgres-date",
    "postgres-interval",
    "preact",
    "sax",
    "smol-toml",
    "xtend",
    "zod",
    "zod-to-json-schema",
  ]);
  for (const part of parts.slice(1)) {
    const [, name = "", version] = heading.exec(part) ?? [];
    const manifest = JSON.parse(readFileSync(join(checkout, "node_modules", name, "package.json"), "utf8"));
    expect(version).toBe(manifest.version);
  }
});

test("each comes with its notice, under a licence that asks for no more than that", () => {
  for (const part of parts.slice(1)) {
    expect(heading.exec(part)?.[3], part).toMatch(/^(MIT|ISC|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0)$/);
    expect(part).toMatch(/Copyright .*\w/i);
    expect(part).toMatch(/WITHOUT WARRANTY|(?:PROVIDED|COMES) ["']?AS IS["']?|WARRANTIES/i);
  }
});
