import { posix } from "node:path";
import { type Metafile, transform } from "esbuild";
import type { Bundle } from "./made.ts";

/** Which of a program's modules make one file, by their sources. */
export interface Merged {
  /** What most processes load after the program's own file, with all that they need. */
  readonly together: readonly string[];
  /** Sources that do without these: what they need of that is in files of its own. */
  readonly others: readonly string[];
}

/**
 * Makes CommonJS of what esbuild has split a program into, which Node starts sooner, and a few files of the many: esbuild
 * makes one for every set of places that need the same, and Node takes longer to find a file than to compile it.
 */
export async function mergeChunks(bundle: Bundle, name: string, { others, together }: Merged): Promise<Bundle> {
  const entry = `chunks/${name}.js`;
  const outputs = outputsByName(bundle);
  const second = staticallyNeeded(entrances(together, outputs), outputs);
  const ofOthers = staticallyNeeded(entrances(others, outputs), outputs);
  const apart = new Set([...staticallyNeeded([entry], outputs), ...ofOthers]);
  // To load it takes longer than all else that a build does.
  const { rollup } = await import("rollup");
  const merged = await rollup({
    input: entry,
    // What other files need of the program's own comes from it, without a file between them.
    preserveEntrySignatures: "allow-extension",
    external: [/^node:/],
    // What nothing needs is out already.
    treeshake: false,
    plugins: [
      {
        name: "bundle",
        resolveId(path, importer) {
          const file = importer === undefined ? path : posix.join(posix.dirname(importer), path);
          // A bundle beside this one stays where it is.
          return bundle.files.has(file) ? file : { id: path, external: true };
        },
        load: (file) => Buffer.from(bundle.files.get(file) ?? "").toString("utf8"),
      },
    ],
  });
  const { output } = await merged.generate({
    format: "cjs",
    entryFileNames: `chunks/${name}.cjs`,
    chunkFileNames: "chunks/[name]-[hash].cjs",
    // What is bundled apart says that it was a module.
    interop: (path) => (path?.startsWith("node:") ? "default" : "esModule"),
    dynamicImportInCjs: false,
    onlyExplicitManualChunks: true,
    manualChunks: (file) => (second.has(file) && !apart.has(file) ? `${name}-later` : undefined),
  });
  await merged.close();
  const files = new Map<string, Uint8Array>();
  const metafile: Metafile = { inputs: bundle.metafile.inputs, outputs: {} };
  for (const chunk of output) {
    if (chunk.type !== "chunk") throw new Error(`${chunk.fileName} is no code`);
    // Names are made short too: a hook says what goes wrong in one line, without a stack.
    const { code } = await transform(chunk.code, { minify: true, format: "cjs", target: "node20.19" });
    const contents = Buffer.from(code);
    const parts = Object.keys(chunk.modules).flatMap((name) => outputs.get(name) ?? []);
    files.set(chunk.fileName, contents);
    metafile.outputs[`dist/${chunk.fileName}`] = {
      bytes: contents.length,
      inputs: Object.assign({}, ...parts.map(({ inputs }) => inputs)),
      imports: [],
      exports: chunk.exports,
    };
  }
  return { files, metafile };
}

type Outputs = ReadonlyMap<string, Metafile["outputs"][string]>;

function outputsByName({ metafile }: Bundle): Outputs {
  return new Map(Object.entries(metafile.outputs).map(([path, output]) => [inDist(path), output]));
}

const inDist = (path: string) => path.replace(/^dist\//, "");

function entrances(sources: readonly string[], outputs: Outputs): string[] {
  const names = [...outputs].flatMap(([name, { entryPoint = "" }]) => (sources.includes(entryPoint) ? name : []));
  if (names.length !== sources.length)
    throw new Error(`not all of these are loaded on their own: ${sources.join(", ")}`);
  return names;
}

/** The files that are loaded with these, before any of their code is run. */
function staticallyNeeded(names: readonly string[], outputs: Outputs): Set<string> {
  const needed = new Set(names);
  for (const name of needed) {
    for (const { kind, path } of outputs.get(name)?.imports ?? []) {
      if (kind === "import-statement" && outputs.has(inDist(path))) needed.add(inDist(path));
    }
  }
  return needed;
}
