import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { withPriceRows } from "./price-data.ts";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** The program, and beside it in `chunks` what only some commands need: a process loads what it is started for. */
export const bundleProgram = (): Promise<Bundle> => bundleOf("main", { splitting: true });

/** What `import "kaizen-metrics"` loads: the use cases and the store, without the doors. */
export const bundleLibrary = (): Promise<Bundle> => bundleOf("index", { splitting: false });

export interface Bundle {
  /** By their paths in `dist`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

async function bundleOf(entry: "main" | "index", { splitting }: { splitting: boolean }): Promise<Bundle> {
  const dist = join(checkout, "dist");
  const { outputFiles, metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: [`src/${entry}.ts`],
    outdir: dist,
    splitting,
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
    plugins: [withoutAjv, withPriceRows],
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  const nameOf = (path: string) => relative(dist, path).replaceAll("\\", "/");
  return { files: new Map(outputFiles.map(({ contents, path }) => [nameOf(path), contents])), metafile };
}

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
