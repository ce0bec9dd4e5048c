import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { mergeChunks } from "./merge-chunks.ts";
import { withPriceRows } from "./price-data.ts";
import { withPureSchemas } from "./pure-schemas.ts";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The program: its door, and beside it in `chunks` what a process loads that is started for it. What clients run while a
 * person is at work is a bundle of its own.
 */
export async function bundleProgram(): Promise<Bundle> {
  const ofClients = async () =>
    mergeChunks(await bundleOf("program-of-clients"), "chunks/program-of-clients.js", {
      together: ["src/cli/hooks/events.ts", "src/evidence/git/index.ts", "src/open-kaizen.ts"],
      others: ["src/cli/hooks/project-configuration.ts"],
    });
  const parts = await Promise.all([bundleOf("main"), bundleOf("program"), ofClients()]);
  return {
    files: new Map(parts.flatMap(({ files }) => [...files])),
    metafile: {
      inputs: Object.assign({}, ...parts.map(({ metafile }) => metafile.inputs)),
      outputs: Object.assign({}, ...parts.map(({ metafile }) => metafile.outputs)),
    },
  };
}

/** What `import "kaizen-metrics"` loads: the use cases and the store, without the doors. */
export const bundleLibrary = (): Promise<Bundle> => bundleOf("index");

export interface Bundle {
  /** By their paths in `dist`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

const isChunk = (entry: string) => entry.startsWith("program");

async function bundleOf(entry: "main" | "index" | "program" | "program-of-clients"): Promise<Bundle> {
  const dist = join(checkout, "dist");
  const { outputFiles, metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: [`src/${entry}.ts`],
    outdir: dist,
    splitting: isChunk(entry),
    entryNames: isChunk(entry) ? "chunks/[name]" : "[name]",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    // Some packages wrap what they publish for `main` so that a bundler cannot see into it.
    mainFields: ["module", "main"],
    minifyWhitespace: true,
    minifySyntax: true,
    // The notices are kept, in a file of their own: see licences.ts.
    legalComments: "none",
    plugins: [besideDoor, withoutAjv, withPriceRows, withPureSchemas],
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  const nameOf = (path: string) => relative(dist, path).replaceAll("\\", "/");
  return { files: new Map(outputFiles.map(({ contents, path }) => [nameOf(path), contents])), metafile };
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
