import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./bundle.ts";

/** The pages of the manual, by the place that they have beside the program. */
export function manualPages(): Map<string, string> {
  const folder = join(checkout, "src", "manual");
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return new Map(names.sort().map((name) => [`manual/${name}`, readFileSync(join(folder, name), "utf8")]));
}
