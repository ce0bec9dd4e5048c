import type { Plugin } from "esbuild";
import { withLazySchemas } from "./lazy-schemas.ts";
import { type Bundle, commonJs, made } from "./made.ts";
import { type Merged, mergeChunks } from "./merge-chunks.ts";
import { withPriceRows } from "./price-data.ts";
import { type Apart, loadedApart, teamStoreApart } from "./team-store.ts";

type Entry = "main" | "index" | "program" | "program-of-clients" | "program-of-server";

/** Node starts CommonJS sooner: it sets up no loader of modules for it. The package itself is of modules. */
const programIsCommonJs: Bundle = {
  files: new Map([["package.json", Buffer.from(`${JSON.stringify({ type: "commonjs" })}\n`)]]),
  metafile: { inputs: {}, outputs: {} },
};

/**
 * The program: its door, and beside it in `chunks` what a process loads that is started for it. What clients run while a
 * person is at work is a bundle of its own.
 */
export async function bundleProgram(): Promise<Bundle> {
  const apart = await teamStoreApart();
  const part = async (entry: Entry, merged: Merged) => mergeChunks(await bundleOf(entry, apart), entry, merged);
  return together([
    ...apart.map(({ bundle }) => bundle),
    ...(await Promise.all([
      bundleOf("main", apart),
      part("program", { together: [], others: [] }),
      part("program-of-clients", {
        together: ["src/cli/hooks/events.ts", "src/evidence/git/index.ts", "src/open-kaizen.ts"],
        others: ["src/cli/hooks/project/project-configuration.ts"],
      }),
      part("program-of-server", { together: ["src/mcp/requests/answers.ts", "src/open-kaizen.ts"], others: [] }),
    ])),
    programIsCommonJs,
  ]);
}

/** What `import "kaizen-metrics"` loads: the use cases and the store, without the doors. */
export async function bundleLibrary(): Promise<Bundle> {
  const apart = await teamStoreApart();
  return together([...apart.map(({ bundle }) => bundle), await bundleOf("index", apart)]);
}

function together(parts: readonly Bundle[]): Bundle {
  return {
    files: new Map(parts.flatMap(({ files }) => [...files])),
    metafile: {
      inputs: Object.assign({}, ...parts.map(({ metafile }) => metafile.inputs)),
      outputs: Object.assign({}, ...parts.map(({ metafile }) => metafile.outputs)),
    },
  };
}

const isPart = (entry: Entry) => entry.startsWith("program");

function bundleOf(entry: Entry, apart: readonly Apart[]): Promise<Bundle> {
  return made({
    entryPoints: [`src/${entry}.ts`],
    splitting: isPart(entry),
    entryNames: isPart(entry) ? "chunks/[name]" : "[name]",
    ...(entry === "main" && commonJs),
    ...(entry === "index" && { outExtension: { ".js": ".mjs" } }),
    plugins: [
      ...[besideBundle, withoutAjv, withPriceRows, withLazySchemas],
      // What loads them stands in a chunk as well, or beside the folder of chunks.
      loadedApart(apart, isPart(entry) ? "./" : "./chunks/"),
    ],
  });
}

/** A bundle finds another one as a file beside it. */
const besideBundle: Plugin = {
  name: "beside-bundle",
  setup(build) {
    build.onResolve({ filter: /^\.\/program[\w-]*\.ts$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: path.replace(/\.ts$/, ".cjs"), external: true } : undefined,
    );
  },
};

/**
 * The SDK imports ajv for what a client fills into forms. This server asks for none, and hands the SDK a validator of
 * its own (`src/mcp/server.ts`): without ajv and what it brings, the bundle is a third smaller.
 */
const withoutAjv: Plugin = {
  name: "without-ajv",
  setup(build) {
    build.onResolve({ filter: /\/validation\/ajv-provider\.js$/ }, ({ path }) => ({ path, namespace: "without-ajv" }));
    build.onLoad({ filter: /./, namespace: "without-ajv" }, () => ({
      contents: `export class AjvJsonSchemaValidator {
        constructor() { throw new Error("ajv is not part of this bundle: pass a jsonSchemaValidator"); }
      }`,
    }));
  },
};
