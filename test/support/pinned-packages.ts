import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../src/build/checkout.ts";

/** The newer Node.js that programs want which do not run on ours. */
export const NEWER_NODE = { node: "22.23.3" };

/** Programs that one run of ours needs and nothing else, in a cache of their own. */
export class PinnedPackages {
  readonly folder: string;
  readonly node: string;
  /** By name, each with its exact version: a new one is a change that somebody makes and looks at. */
  readonly #packages: Readonly<Record<string, string>>;

  /** `name` is that of the cache, in `place`. */
  constructor(
    name: string,
    packages: Readonly<Record<string, string>>,
    place = join(checkout, "node_modules", ".cache"),
  ) {
    this.folder = join(place, name);
    this.node = join(this.folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
    this.#packages = packages;
  }

  /** Installs them, once, and says what there is. `program` is the file that has to be there then. */
  install(program: string): string {
    const manifest = join(this.folder, "package.json");
    const named = Object.keys(this.#packages);
    const allowScripts = Object.fromEntries(named.map((name) => [name, true]));
    const members = { private: true, dependencies: this.#packages, allowScripts };
    const wanted = `${JSON.stringify(members, null, 2)}\n`;
    const isThere = () => existsSync(program) && (this.#packages.node === undefined || existsSync(this.node));
    if (!isThere() || !existsSync(manifest) || readFileSync(manifest, "utf8") !== wanted) {
      // What an install left that was broken off, or was made without the scripts, npm takes for whole.
      rmSync(join(this.folder, "node_modules"), { recursive: true, force: true, maxRetries: 5 });
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(manifest, wanted);
      const { status } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--silent"], {
        cwd: this.folder,
        stdio: "inherit",
        shell: process.platform === "win32",
      });
      if (status !== 0 || !isThere()) throw new Error(`${program} could not be installed`);
    }
    return Object.entries(this.#packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
  }
}
