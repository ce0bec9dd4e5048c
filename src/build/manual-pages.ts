import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./checkout.ts";

/** The pages of the manual, by the place that they have beside the program. Without pictures: a terminal shows none. */
export function manualPages(): Map<string, string> {
  const folder = join(checkout, "src", "manual");
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return new Map(
    names.sort().map((name) => [`manual/${name}`, withoutPictures(readFileSync(join(folder, name), "utf8"))]),
  );
}

function withoutPictures(page: string): string {
  return page.replaceAll(/^<picture>\n[\s\S]*?^<\/picture>\n\n/gm, "");
}
