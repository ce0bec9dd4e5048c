import { join, relative } from "node:path";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { checkout } from "../checkout.ts";

export interface Bundle {
  /** By their paths in `dist`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** For a bundle that `require` loads. What it imports later, it loads so as well. */
export const commonJs: BuildOptions = {
  format: "cjs",
  supported: { "dynamic-import": false },
  define: { "import.meta.url": "ownUrl" },
  banner: { js: 'const ownUrl=require("node:url").pathToFileURL(__filename).href;' },
};

/** What all bundles have in common. */
export async function made(options: BuildOptions): Promise<Bundle> {
  const dist = join(checkout, "dist");
  const { outputFiles = [], metafile } = await build({
    absWorkingDir: checkout,
    outdir: dist,
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
    write: false,
    metafile: true,
    logLevel: "warning",
    ...options,
  });
  if (metafile === undefined) throw new Error("the bundler says what it has bundled");
  const nameOf = (path: string) => relative(dist, path).replaceAll("\\", "/");
  return { files: new Map(outputFiles.map(({ contents, path }) => [nameOf(path), contents])), metafile };
}
