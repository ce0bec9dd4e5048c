import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { temporaryFolder } from "../../support/places.ts";

/** A program in the place of one that everybody has, and a log of its calls, a line each. */
export interface StandIn {
  /** Where it lies, alone. */
  readonly folder: string;
  /** The PATH with it first. */
  readonly path: string;
  calls(): string[];
}

/** Writes the program. `script` is for a shell; `$LOG` is the log, which has the words of each call already. */
export function standIn(name: string, script: string, folder = temporaryFolder()): StandIn {
  mkdirSync(folder, { recursive: true });
  const log = join(temporaryFolder(), "calls");
  writeFileSync(join(folder, name), `#!/bin/sh\nLOG='${log}'\necho "$*" >> "$LOG"\n${script}\n`, { mode: 0o755 });
  return {
    folder,
    path: [folder, process.env.PATH].join(delimiter),
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n") : []),
  };
}
