import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { checkout } from "./checkout.ts";
import { thirdPartyLicences } from "./licences.ts";
import { manualPages } from "./manual-pages.ts";
import { bundlePage } from "./page.ts";
import { pluginFolder } from "./plugin-folder.ts";
import { bundleLibrary, bundleProgram } from "./program/bundle.ts";
import { registryEntry } from "./registry-entry.ts";

// `npm run build`: everything in dist, and nothing that an earlier build left there. `-- --metafile FILE` writes down what
// the program and the page were made of, as esbuild says it.

const { metafile: metafilePath } = parseArgs({ options: { metafile: { type: "string" } } }).values;

const unfinished = ".unfinished";
const [program, library, page] = await Promise.all([bundleProgram(), bundleLibrary(), bundlePage()]);
const licences = thirdPartyLicences(program.metafile, page.metafile);
const manual = [...manualPages()];
const beside = new Map<string, string | Uint8Array>([...program.files, ...page.files]);
const plugin = [...pluginFolder(beside, licences)];
fill(
  join(checkout, "dist"),
  new Map<string, string | Uint8Array>([
    ...program.files,
    ...library.files,
    ...page.files,
    ["LICENSES.txt", licences],
    ...manual,
    ...plugin.map(([name, content]): [string, string | Uint8Array] => [`plugin/${name}`, content]),
    ["server.json", `${JSON.stringify(registryEntry, null, 2)}\n`],
  ]),
);

if (metafilePath !== undefined)
  writeFileSync(metafilePath, JSON.stringify({ program: program.metafile, page: page.metafile }));

/**
 * Each file is replaced in one step, and chunks come before what imports them: so the program can be started meanwhile.
 * A process that has only just begun may still want a chunk that is gone by then.
 */
function fill(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const isChunk = (name: string) => name.includes("chunks/");
  for (const [name, content] of [...files].sort(([a], [b]) => Number(isChunk(b)) - Number(isChunk(a)))) {
    const path = join(folder, name);
    const next = `${path}.${process.pid}${unfinished}`;
    mkdirSync(dirname(path), { recursive: true });
    // The package says that it is a program, and a link to it is started by its first line.
    writeFileSync(next, content, { mode: name === "main.js" ? 0o755 : 0o644 });
    renameSync(next, path);
  }
  const wanted = [...files.keys()];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll("\\", "/");
    // Another build may be under way; the declarations are made by `npm run build:types`.
    if (
      files.has(name) ||
      name === "index.d.mts" ||
      name.endsWith(unfinished) ||
      wanted.some((file) => file.startsWith(`${name}/`))
    )
      continue;
    rmSync(path, { recursive: true, force: true });
  }
}
