import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../src/build/bundle.ts";

/** Programs that one run of ours needs and nothing else, in a cache of their own, beside a newer Node.js than ours. */
export class PinnedPackages {
  readonly folder: string;
  readonly node: string;
  /** By name, each with its exact version: a new one is a change that somebody makes and looks at. */
  readonly #packages: Readonly<Record<string, string>>;

  /** `name` is that of the cache. */
  constructor(name: string, packages: Readonly<Record<string, string>>) {
    this.folder = join(checkout, "node_modules", ".cache", name);
    this.node = join(this.folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
    this.#packages = { node: "22.23.3", ...packages };
  }

  /** Installs them, once, and says what there is. `program` is the file that has to be there then. */
  install(program: string): string {
    const manifest = join(this.folder, "package.json");
    const members = { private: true, dependencies: this.#packages, allowScripts: { node: true } };
    const wanted = `${JSON.stringify(members, null, 2)}\n`;
    const isThere = () => existsSync(this.node) && existsSync(program);
    if (!isThere() || !existsSync(manifest) || readFileSync(manifest, "utf8") !== wanted) {
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
