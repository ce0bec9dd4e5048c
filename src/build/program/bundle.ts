import type { Metafile, Plugin } from "esbuild";
import { made } from "./made.ts";
import { mergeChunks } from "./merge-chunks.ts";
import { withPriceRows } from "./price-data.ts";
import { withPureSchemas } from "./pure-schemas.ts";
import { type Apart, loadedApart, teamStoreApart } from "./team-store.ts";

/**
 * The program: its door, and beside it in `chunks` what a process loads that is started for it. What clients run while a
 * person is at work is a bundle of its own.
 */
export async function bundleProgram(): Promise<Bundle> {
  const apart = await teamStoreApart();
  const ofClients = async () =>
    mergeChunks(await bundleOf("program-of-clients", apart), "chunks/program-of-clients.js", {
      together: ["src/cli/hooks/events.ts", "src/evidence/git/index.ts", "src/open-kaizen.ts"],
      others: ["src/cli/hooks/project/project-configuration.ts"],
    });
  return together([
    ...apart.map(({ bundle }) => bundle),
    ...(await Promise.all([bundleOf("main", apart), bundleOf("program", apart), ofClients()])),
  ]);
}

/** What `import "kaizen-metrics"` loads: the use cases and the store, without the doors. */
export async function bundleLibrary(): Promise<Bundle> {
  const apart = await teamStoreApart();
  return together([...apart.map(({ bundle }) => bundle), await bundleOf("index", apart)]);
}

export interface Bundle {
  /** By their paths in `dist`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
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

const isChunk = (entry: string) => entry.startsWith("program");

function bundleOf(
  entry: "main" | "index" | "program" | "program-of-clients",
  apart: readonly Apart[],
): Promise<Bundle> {
  return made({
    entryPoints: [`src/${entry}.ts`],
    splitting: isChunk(entry),
    entryNames: isChunk(entry) ? "chunks/[name]" : "[name]",
    plugins: [
      ...[besideDoor, withoutAjv, withPriceRows, withPureSchemas],
      // What loads them stands in a chunk as well, or beside the folder of chunks.
      loadedApart(apart, isChunk(entry) ? "./" : "./chunks/"),
    ],
  });
}

/** The door finds the bundles behind it as files. */
const besideDoor: Plugin = {
  name: "beside-door",
  setup(build) {
    build.onResolve({ filter: /^\.\/program[\w-]*\.ts$/ }, ({ importer, path }) =>
      importer.endsWith("main.ts")
        ? { path: path.replace(/^\.\/(.*)\.ts$/, "./chunks/$1.js"), external: true }
        : undefined,
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
