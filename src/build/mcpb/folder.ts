import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkout } from "../checkout.ts";
import { mcpbManifest, programInBundle } from "./manifest.ts";

/** Lays out what the MCPB bundle holds, from what is in dist. */
export function fillMcpbFolder(folder: string): void {
  const program = join(folder, programInBundle);
  mkdirSync(dirname(program), { recursive: true });
  copyFileSync(join(checkout, "dist", "main.js"), program);
  copyFileSync(join(checkout, "dist", "package.json"), join(dirname(program), "package.json"));
  copyFileSync(join(checkout, "dist", "LICENSES.txt"), join(dirname(program), "LICENSES.txt"));
  cpSync(join(checkout, "dist", "chunks"), join(dirname(program), "chunks"), { recursive: true });
  cpSync(join(checkout, "dist", "manual"), join(dirname(program), "manual"), { recursive: true });
  cpSync(join(checkout, "dist", "page"), join(dirname(program), "page"), { recursive: true });
  copyFileSync(join(checkout, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(mcpbManifest, null, 2)}\n`);
}
