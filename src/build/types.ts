import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout } from "./checkout.ts";

// `npm run build:types`: the declarations of the public API, in one file that stands alone. Zod's are taken in, since
// the package brings no other one along. It takes seconds, so it is not part of `npm run build`, which each test run does,
// and what came of the same sources is kept.

const declarations = join(checkout, "dist", "index.d.mts");
const kept = join(checkout, "node_modules", ".cache", "kaizen-metrics-types", `${sourceDigest()}.d.ts`);
if (!existsSync(kept)) await makeKept();
mkdirSync(dirname(declarations), { recursive: true });
copyFileSync(kept, declarations);

async function makeKept(): Promise<void> {
  // To load these takes longer than all else, if there is nothing to make.
  const [{ rollup }, { dts }] = await Promise.all([import("rollup"), import("rollup-plugin-dts")]);
  const bundle = await rollup({
    input: join(checkout, "src", "index.ts"),
    external: [/^node:/],
    plugins: [
      dts({ includeExternal: ["zod"], tsconfig: join(checkout, "tsconfig.json") }),
      // Who uses the package need not have the types of Node.js: without them, a Buffer is what it is made of.
      { name: "without-node", renderChunk: (code: string) => code.replaceAll(/\bBuffer\b/g, "Uint8Array") },
    ],
  });
  const folder = dirname(kept);
  const earlier = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.d\.ts$/.test(name)) : [];
  const unfinished = join(folder, `${process.pid}.d.ts`);
  await bundle.write({ file: unfinished, format: "es" });
  await bundle.close();
  renameSync(unfinished, kept);
  for (const name of earlier) rmSync(join(folder, name), { force: true });
}

/** Another one for whatever may change the declarations: the sources, and the versions of the packages. */
function sourceDigest(): string {
  const sources = readdirSync(join(checkout, "src"), { recursive: true, encoding: "utf8" });
  const names = sources.filter((name) => name.endsWith(".ts")).map((name) => join("src", name));
  const digest = createHash("sha256");
  for (const name of [...names.sort(), "tsconfig.json", "package-lock.json"]) {
    digest.update(`${name}\n`).update(
      createHash("sha256")
        .update(readFileSync(join(checkout, name)))
        .digest(),
    );
  }
  return digest.digest("hex");
}
