import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { minify } from "terser";
import { checkout } from "./checkout.ts";

/** The dashboard's page: a script and a style, to be put between what makes them a page. */
export interface PageBundle {
  readonly files: ReadonlyMap<string, string>;
  readonly metafile: Metafile;
}

/** The page has to come up at once, also inside a client: more than this is not built. */
const MAX_BYTES = 70_000;
const MAX_GZIP_BYTES = 25_000;

export async function bundlePage(): Promise<PageBundle> {
  const { metafile, outputFiles } = await build({
    absWorkingDir: checkout,
    entryPoints: { page: "src/page/main.tsx", style: "src/page/style.css" },
    outdir: "dist/page",
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome123", "firefox121", "safari17.5"],
    // Shorter than calls of the runtime that the compiler assumes, and the same elements.
    jsx: "transform",
    jsxFactory: "createElement",
    jsxFragment: "Fragment",
    inject: ["src/page/elements.ts"],
    tsconfigRaw: {},
    // Names of ours that stand in no model, and that no browser has.
    mangleProps:
      /^(?:is[A-Z]\w*|(?:times|rate|runs|kind)[A-Z]\w*|keyOf|onRow|generatedAt|versionOf|middle|lanes?|columns|transport|connection|chosen|anchor|tone|spoken|rated|sides)$/,
    reserveProps: /^is(?:Array|Integer|NaN)$/,
    charset: "utf8",
    legalComments: "none",
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  // A tenth smaller than by esbuild alone.
  const { code: script = "" } = await minify(textOf("page.js"), {
    ecma: 2020,
    // What is inlined less repeats itself more, and that costs nothing with gzip.
    compress: {
      passes: 5,
      inline: 1,
      lhs_constants: false,
      unsafe: true,
      unsafe_arrows: true,
      unsafe_comps: true,
      pure_getters: true,
    },
  });
  const style = textOf("style.css");
  refuseLarge(`${script}${style}`);
  return {
    files: new Map([
      ["page/page.js", script],
      ["page/page.css", style],
    ]),
    metafile,
  };
}

function refuseLarge(page: string): void {
  const [bytes, zipped] = [Buffer.byteLength(page), gzipSync(page, { level: 9 }).length];
  if (bytes <= MAX_BYTES && zipped <= MAX_GZIP_BYTES) return;
  throw new Error(
    `the page has ${bytes} bytes (${zipped} with gzip), and may have ${MAX_BYTES} (${MAX_GZIP_BYTES} with gzip)`,
  );
}
