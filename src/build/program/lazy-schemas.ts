import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { checkout } from "../checkout.ts";

/** The SDK has more than 150 schemas in one file. */
const ofSdk = join(checkout, "node_modules/@modelcontextprotocol/sdk/dist/esm/types.js");

/** One at the top of a file, as the formatter leaves it: it ends before the next line that is not indented. */
const declaration =
  /(?<=^|\n)((?:export )?const (\w+))(?:: [^=\n]+)? = ((?:z|\w+Schema(?:\(\))?)(?:\s*\.[\s\S]*?)?);\n(?=[^\s)}\]]|\n|$)/g;

/**
 * Has each schema made when it is first used, and those left out which a bundle does not use: to make all of them took a
 * third of what a server takes to its first answer, and most processes use a few. What was `nameSchema` is
 * `nameSchema()` in every file that uses one. A bundler can do neither: it does not know that making one does nothing else.
 */
export const withLazySchemas: Plugin = {
  name: "with-lazy-schemas",
  setup(build) {
    exported ??= exportedSchemas();
    const known = exported;
    build.onResolve({ filter: /^on-first-use\.ts$/ }, ({ path }) => ({ path, namespace: "made" }));
    build.onLoad({ filter: /./, namespace: "made" }, () => ({ contents: onFirstUse, resolveDir: checkout }));
    build.onLoad({ filter: /[\\/](?:sdk[\\/]dist[\\/]esm|src)[\\/].*\.[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = withLazy(text, known, path === ofSdk);
      return contents === text ? undefined : { loader: path.endsWith(".ts") ? "ts" : "js", contents };
    });
  },
};

/** Read once for all bundles of a build. */
let exported: ReadonlySet<string> | undefined;

/** The schemas that other files import. Each of their names stands for schemas alone. */
function exportedSchemas(): ReadonlySet<string> {
  const src = join(checkout, "src");
  const names = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const texts = [ofSdk, ...names.map((name) => join(src, name))].map((path) => readFileSync(path, "utf8"));
  const found = texts.flatMap((text) =>
    [...text.matchAll(declaration)].flatMap(([, head = "", name = ""]) =>
      head.startsWith("export") && isLazy(name) ? name : [],
    ),
  );
  const others = texts.flatMap((text) =>
    [...text.replaceAll(declaration, "").matchAll(/\nexport (?:const|function) (\w+Schema)\b/g)].flatMap(
      ([, name = ""]) => name,
    ),
  );
  const both = found.filter((name) => others.includes(name));
  if (both.length > 0) throw new Error(`schemas and other things have one name: ${both.join(", ")}`);
  return new Set(found);
}

const isLazy = (name: string) => name.endsWith("Schema");

function withLazy(text: string, exported: ReadonlySet<string>, isOfSdk: boolean): string {
  const declared = [...text.matchAll(declaration)].flatMap(([, , name = ""]) => name);
  const imported = [...text.matchAll(/^import \{([^}]*)\}/gm)].flatMap(([, names = ""]) => names.match(/\w+/g) ?? []);
  const lazy = [...declared.filter(isLazy), ...imported.filter((name) => exported.has(name))];
  if (declared.length === 0 && lazy.length === 0) return text;
  const made = called(text, lazy).replaceAll(declaration, (_whole, head: string, name: string, value: string) =>
    isLazy(name)
      ? `${head} = /* @__PURE__ */ onFirstUse(() => ${value}, ${isOfSdk});\n`
      : `${head} = /* @__PURE__ */ (() => ${value})();\n`,
  );
  return declared.length === 0 ? made : `import { onFirstUse } from "on-first-use.ts";\n${made}`;
}

/** A text in which these are called, but where they are imported or declared, are keys or types. */
function called(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const anyName = `\\b(?:${names.join("|")})\\b`;
  const uses = new RegExp(`^import[^;]*;|(?:const|typeof) ${anyName}|(?<!\\w\\.)(${anyName})(?!:)`, "gm");
  return text.replaceAll(uses, (whole: string, name?: string) => (name === undefined ? whole : `${name}()`));
}

/** Messages of the protocol are small and few: to compile what reads one takes longer than to read it. */
const onFirstUse = `
  import { config } from "zod";
  export function onFirstUse(make, isReadSeldom) {
    let made;
    return () => (made ??= isReadSeldom ? withoutCompiling(make) : make());
  }
  function withoutCompiling(make) {
    const { jitless = false } = config();
    config({ jitless: true });
    try { return make(); } finally { config({ jitless }); }
  }
`;
