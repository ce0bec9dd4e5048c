import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { filesPassedByARun } from "./passed-files.ts";

/** `npm run census` counts what there is to read; with `--files` it names the files that one recorded run passes. */
const { values } = parseArgs({ options: { files: { type: "boolean", default: false } } });
const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** Lines of code in a folder and below. */
function linesIn(folder: string): number {
  const files = readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" });
  const lines = (name: string) => readFileSync(join(checkout, folder, name), "utf8").split("\n").length - 1;
  return files.filter((name) => name.endsWith(".ts")).reduce((sum, name) => sum + lines(name), 0);
}

/** The largest number of files that stand side by side in one folder of `src`. */
function fullestFolder(): string {
  const folders = new Map<string, number>();
  for (const name of readdirSync(join(checkout, "src"), { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const folder = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const [name, count] = [...folders].sort(([, a], [, b]) => b - a)[0] ?? ["", 0];
  return `${count} (${name})`;
}

const passed = await filesPassedByARun();
const rows: readonly (readonly [what: string, count: number | string])[] = [
  ["lines in src/storage/jsonl", linesIn("src/storage/jsonl")],
  ["lines in src, without the manual", linesIn("src")],
  ["files passed by one recorded run", passed.length],
  ["bytes of README.md", statSync(join(checkout, "README.md")).size],
  ["files in the fullest folder of src", fullestFolder()],
];
for (const [what, count] of rows) process.stdout.write(`${what.padEnd(38)}${count}\n`);
if (values.files) process.stdout.write(`\n${passed.join("\n")}\n`);
