import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLazySchemas } from "../../../src/build/program/lazy-schemas.ts";
import { commonJs, made } from "../../../src/build/program/made.ts";
import { forDriver, loadedApart, teamStoreApart } from "../../../src/build/program/team-store.ts";

/**
 * A program of the bench, made as the product is: each schema is made when it is first used, and the team's store stands
 * in the files that the product loads. Node.js compiles all of it at each start: it keeps no cache here.
 */
export async function programAsBuilt(source: URL): Promise<{ path: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "kaizen-program-"));
  const apart = await teamStoreApart();
  const { files } = await made({
    ...commonJs,
    entryPoints: [{ in: fileURLToPath(source), out: "program" }],
    outExtension: { ".js": ".cjs" },
    plugins: [withLazySchemas, ...forDriver.plugins, loadedApart(apart, "./chunks/")],
    define: { ...commonJs.define, ...forDriver.define },
  });
  for (const [name, contents] of [...files, ...apart.flatMap(({ bundle }) => [...bundle.files])]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  return { path: join(folder, "program.cjs"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
