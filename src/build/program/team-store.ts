import { basename, join, relative } from "node:path";
import type { Plugin } from "esbuild";
import { checkout } from "../checkout.ts";
import { withLazySchemas } from "./lazy-schemas.ts";
import type { Bundle } from "./made.ts";
import { commonJs, made } from "./made.ts";

/** A file that is bundled for itself, and loaded by its name. */
export interface Apart {
  /** The source, from the checkout. */
  readonly file: string;
  /** In the folder of chunks. */
  readonly name: string;
  readonly bundle: Bundle;
}

/** First the engine, then what finds out where it is. */
const ofTeamStore = [
  { file: "src/storage/postgres/store.ts", out: "team-store" },
  { file: "src/team/team-store.ts", out: "team-settings" },
] as const;

/**
 * The team's store has files of its own, with all that they need: who has no such store loads nothing of it, and finds
 * everything else in the files in which it would be without it.
 */
export function teamStoreApart(): Promise<readonly Apart[]> {
  bundled ??= bundleTeamStore();
  return bundled;
}

/** The program and the library have the same: it is made once. */
let bundled: Promise<readonly Apart[]> | undefined;

async function bundleTeamStore(): Promise<readonly Apart[]> {
  const apart: Apart[] = [];
  for (const { file, out } of ofTeamStore) {
    // What is loaded later stands beside it.
    const bundle = await made({
      ...commonJs,
      entryPoints: [{ in: file, out }],
      entryNames: "chunks/[name]-[hash]",
      outExtension: { ".js": ".cjs" },
      plugins: [withLazySchemas, ...forDriver.plugins, loadedApart(apart, "./")],
      define: { ...commonJs.define, ...forDriver.define },
    });
    const [path = ""] = bundle.files.keys();
    apart.push({ file, name: basename(path), bundle });
  }
  return apart;
}

/** Loads from their own files what has been bundled apart. */
export function loadedApart(apart: readonly Apart[], folder: string): Plugin {
  return {
    name: "loaded-apart",
    setup(build) {
      build.onResolve({ filter: /\/(?:team-)?store\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const meant = relative(checkout, join(resolveDir, path)).replaceAll("\\", "/");
        const found = apart.find(({ file }) => file === meant);
        return found && { path: `${folder}${found.name}`, external: true };
      });
    },
  };
}

/**
 * The driver looks for `Response` to see in which runtime it is. In Node.js 20 that look alone loads all of
 * `fetch`, which takes longer than to connect.
 */
const withoutFetch = { Response: "undefined" };

/** What the driver of the team's store looks for, and we do not bring along. */
const withoutExtras: Plugin = {
  name: "without-extras",
  setup(build) {
    // Another driver, of which this one looks whether it is installed; and what finds a password, which we give it.
    build.onResolve({ filter: /^(?:pg-native|pgpass)$/ }, ({ path }) => ({ path, namespace: "missing" }));
    build.onLoad({ filter: /./, namespace: "missing" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is not part of this bundle`)});`,
    }));
  },
};

/** How the driver is bundled. */
export const forDriver = { plugins: [withoutExtras], define: withoutFetch };
