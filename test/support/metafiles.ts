import { readFileSync } from "node:fs";
import type { Metafile } from "esbuild";

/** What the build that the tests of this run start is made of, as esbuild says it. */
export function metafiles(): { readonly program: Metafile; readonly page: Metafile } {
  return JSON.parse(readFileSync(process.env.KAIZEN_TEST_METAFILE ?? "", "utf8"));
}
