import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/**
 * One file, and not one with chunks beside it: it can be copied into a plugin or a bundle as it is, a build replaces it
 * in one step, and loading every command lazily from chunks was no more than a hundredth of a second faster.
 */
export const bundleProgram = (): Promise<Bundle> => bundleOf("main");

/** What `import "kaizen-metrics"` loads: the same code, without the doors. */
export const bundleLibrary = (): Promise<Bundle> => bundleOf("index");

export interface Bundle {
  readonly code: Uint8Array;
  readonly metafile: Metafile;
}

async function bundleOf(entry: "main" | "index"): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: [`src/${entry}.ts`],
    outfile: `dist/${entry}.js`,
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
    plugins: [withoutAjv],
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  const [program, ...others] = outputFiles;
  if (program === undefined || others.length > 0) throw new Error("the bundle is not one file");
  return { code: program.contents, metafile };
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
