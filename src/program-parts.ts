import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { errorCodeOf, KaizenError } from "./errors.ts";

export interface Program {
  readonly version: string;
  /** The folder in which the program's own file lies, as a URL. */
  readonly folder: URL;
}

let isHeard = false;

/** Made if there is something to say: a stream takes as long to load as a good part of a hook. */
export function stderr(): NodeJS.WriteStream {
  // A client that reads no stderr must not end us.
  if (!isHeard) process.stderr.on("error", () => {});
  isHeard = true;
  return process.stderr;
}

/** The manual and the dashboard's page lie beside the program, and are no part of it: every hook would load them. */
export async function readBeside(name: string, folder: URL): Promise<string> {
  const file = new URL(name, folder);
  return readFile(file, "utf8").catch((error: unknown) => {
    const problem = `A file of the program cannot be read: ${fileURLToPath(file)} (${errorCodeOf(error) ?? error}).`;
    throw new KaizenError("IO_ERROR", problem, { hint: "It comes with the package: install it again." });
  });
}
