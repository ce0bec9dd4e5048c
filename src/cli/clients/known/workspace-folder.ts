import type { Setup } from "../client.ts";
import type { ServerEntry } from "../entry/server-entry.ts";

/** Cursor and VS Code: both put the folder that has the file in the place of this in `args`. */
const FOLDER = "$" + "{workspaceFolder}";

export function entryInFolder({ flags, launch }: Setup): ServerEntry {
  const root = ["--root", FOLDER, ...flags];
  if (launch.kind === "npx") return { command: "npx", args: ["-y", launch.packageSpec, ...root] };
  return { command: "node", args: [launch.kind === "file" ? launch.path : `${FOLDER}/${launch.path}`, ...root] };
}
