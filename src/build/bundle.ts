import { isBuiltin } from "node:module";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
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
  const apart: Apart[] = [];
  for (const { file, out } of ofTeamStore) {
    // What is loaded later stands beside it.
    const plugins = [withBuiltins, loadedApart(apart, "./")];
    const bundle = await made({ entryPoints: [{ in: file, out }], entryNames: "chunks/[name]-[hash]", plugins });
    const [path = ""] = bundle.files.keys();
    apart.push({ file, name: basename(path), bundle });
  }
  const bundle = await made({
    entryPoints: [`src/${entry}.ts`],
    splitting,
    // What loads them stands in a chunk as well, if there are any.
    plugins: [withoutAjv, withPriceRows, loadedApart(apart, splitting ? "./" : "./chunks/")],
  });
  const bundles = [...apart.map((one) => one.bundle), bundle];
  const outputs = Object.assign({}, ...bundles.map(({ metafile }) => metafile.outputs));
  return { files: new Map(bundles.flatMap(({ files }) => [...files])), metafile: { ...bundle.metafile, outputs } };
}

/**
 * The team's store has files of its own, with all that they need: who has no such store loads nothing of it, and finds
 * everything else in the files in which it would be without it. First the engine, then what finds out where it is.
 */
const ofTeamStore = [
  { file: "src/storage/postgres/store.ts", out: "team-store" },
  { file: "src/team/team-store.ts", out: "team-settings" },
] as const;

interface Apart {
  readonly file: string;
  readonly name: string;
  readonly bundle: Bundle;
}

async function made(options: BuildOptions): Promise<Bundle> {
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

/** Loads from their own files what has been bundled apart. */
function loadedApart(apart: readonly Apart[], folder: string): Plugin {
  return {
    name: "loaded-apart",
    setup(build) {
      build.onResolve({ filter: /\/(?:team-)?store\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const meant = relative(checkout, join(resolveDir, path)).replaceAll("\\", "/");
        const found = apart.find(({ file }) => file === meant);
        return found && { path: `${folder}${found.name}`, external: true };
      });
    },
  };
}

/**
 * The driver of the team's store is CommonJS, and asks for Node.js's own modules by `require`, which a bundle of modules has
 * not. A banner that made one would stand in every file: so each of them is a module of its own.
 */
const withBuiltins: Plugin = {
  name: "with-builtins",
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z]+)?$/ }, ({ kind, path }) =>
      kind === "require-call" && isBuiltin(path) ? { path, namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    // Another driver, of which this one looks whether it is installed; and what finds a password, which we give it.
    build.onResolve({ filter: /^(?:pg-native|pgpass)$/ }, ({ path }) => ({ path, namespace: "missing" }));
    build.onLoad({ filter: /./, namespace: "missing" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this bundle`)});`,
    }));
  },
};
