import { readFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { pluginFiles, programInPlugin } from "../plugin/plugin-files.ts";
import { checkout } from "./checkout.ts";
import { manualPages } from "./manual-pages.ts";

/**
 * The Claude Code plugin, whole: a user who installs it gets a copy of this folder, and of nothing beside it. So it has
 * the program and its licences too, and is a marketplace of one plugin, which is what Claude Code can be pointed at.
 */
export function pluginFolder(
  program: ReadonlyMap<string, string | Uint8Array>,
  licences: string,
): Map<string, string | Uint8Array> {
  const marketplace = {
    name: manifest.name,
    description: manifest.description,
    owner: { name: manifest.author },
    plugins: [{ name: manifest.name, description: manifest.description, source: "./" }],
  };
  return new Map<string, string | Uint8Array>([
    ...pluginFiles(manifest),
    [".claude-plugin/marketplace.json", `${JSON.stringify(marketplace, null, 2)}\n`],
    ...[...program].map(([name, code]): [string, string | Uint8Array] => [besideProgram(name), code]),
    [besideProgram("LICENSES.txt"), licences],
    ...[...manualPages()].map(([name, text]): [string, string] => [besideProgram(name), text]),
    ["LICENSE", readFileSync(join(checkout, "LICENSE"), "utf8")],
  ]);
}

function besideProgram(name: string): string {
  return programInPlugin.replace(/[^/]+$/, name);
}
