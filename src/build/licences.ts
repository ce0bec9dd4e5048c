import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import * as z from "zod";
import { checkout } from "./checkout.ts";

const manifestSchema = z.object({ name: z.string(), version: z.string(), license: z.string() });

/** The notices of everything that is bundled: their licences ask that they go wherever the code goes. */
export function thirdPartyLicences(...metafiles: readonly Metafile[]): string {
  const folders = new Set(metafiles.flatMap(bundledFolders));
  const parts = [...folders].map((folder) => {
    const { name, version, license } = manifestSchema.parse(JSON.parse(read(folder, "package.json")));
    const files = readdirSync(join(checkout, folder)).filter((file) => /^(licen[cs]e|notice|copying)\b/i.test(file));
    const texts = files.length === 0 ? licenceInReadme(folder) : files.sort().map((file) => read(folder, file).trim());
    if (texts.length === 0) throw new Error(`${name} is bundled, but has no licence that could go with it`);
    return { name, text: [`${name} ${version} (${license})`, ...texts].join("\n\n") };
  });
  const introduction = "The program contains the following packages, under the licences that follow their names.";
  const texts = parts.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ text }) => text);
  return `${[introduction, ...texts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** Some packages have theirs as the last chapter of what is to be read first. */
function licenceInReadme(folder: string): string[] {
  const [, text] = /^#+ licen[cs]e\s*\n([\s\S]*)$/im.exec(read(folder, "README.md")) ?? [];
  return text?.includes("Copyright") ? [text.trim()] : [];
}

/** The folder of each package of which at least one byte is in the bundle. */
export function bundledFolders(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const folders = inputs.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (/^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []),
  );
  return [...new Set(folders)];
}

function read(folder: string, file: string): string {
  return readFileSync(join(checkout, folder, file), "utf8");
}
