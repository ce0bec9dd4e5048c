import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import * as z from "zod";
import { pricesPackage, priceTable } from "../../evidence/prices/price-table.ts";

const manifest = new URL("../../../node_modules/@pydantic/genai-prices/package.json", import.meta.url);

/**
 * Puts the rows that are used into the bundle, in the place of a package of 830 kB that they are taken from. They stand
 * under the package's own path, so that its licence goes with them: see licences.ts.
 */
export const withPriceRows: Plugin = {
  name: "price-rows",
  setup(build) {
    build.onLoad({ filter: /[\\/]evidence[\\/]prices[\\/]price-table\.ts$/ }, () => ({
      contents: 'export { priceTable } from "@pydantic/genai-prices";',
    }));
    build.onLoad({ filter: /[\\/]@pydantic[\\/]genai-prices[\\/]dist[\\/]index\.js$/ }, () => {
      const { version } = z
        .object({ version: z.string() })
        .parse(JSON.parse(readFileSync(fileURLToPath(manifest), "utf8")));
      if (version !== pricesPackage.version)
        throw new Error(`the month of the prices in ${version} has to be looked up`);
      return { contents: `export const priceTable = ${JSON.stringify(priceTable)};` };
    });
  },
};
