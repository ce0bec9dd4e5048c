import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** A schema at the top of a file, as the formatter leaves it: it ends before the next line that is not indented. */
const schema = /(?<=^|\n)((?:export )?const \w+(?:: [^=\n]+)? = )((?:z|\w+Schema)\s*\.[\s\S]*?);\n(?=[^\s)}\]]|\n|$)/g;

/**
 * Tells esbuild of schemas that making one does nothing else, so that those are left out which a bundle does not use. A
 * bundler cannot see that by itself, and making all of them takes a good part of what a hook takes.
 */
export const withPureSchemas: Plugin = {
  name: "with-pure-schemas",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/](?:adr004|domain|evidence|storage|trust)[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!text.includes('from "zod"')) return undefined;
      return { loader: "ts", contents: text.replaceAll(schema, "$1/* @__PURE__ */ (() => $2)();\n") };
    });
  },
};
