import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundle } from "./server-process.ts";

/** Copies the program into a folder, without its manual, and gives the path of the file that is started. */
export function copyProgram(folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(bundle, join(folder, "main.js"));
  cpSync(join(dirname(bundle), "chunks"), join(folder, "chunks"), { recursive: true });
  cpSync(join(dirname(bundle), "package.json"), join(folder, "package.json"));
  return join(folder, "main.js");
}
