import { basename, join } from "node:path";
import { checkout } from "../../src/build/checkout.ts";
import { PinnedPackages } from "../support/pinned-packages.ts";
import type { Installable, Start } from "./programs/client.ts";

/** Installs a client where KAIZEN_CLIENTS says, or into a cache of this checkout: it is large, and stays for the next run. */
export function install(client: Installable): Omit<Start, "user"> {
  const pinned = new PinnedPackages(
    // The same client may be tried in several ways.
    basename(Object.keys(client.packages)[0] ?? ""),
    client.packages,
    process.env.KAIZEN_CLIENTS ?? join(checkout, "node_modules/.cache/clients"),
  );
  const program = join(pinned.folder, "node_modules", client.program);
  pinned.install(program);
  return { program, node: client.packages.node === undefined ? process.execPath : pinned.node };
}

export function versionOf({ packages }: Installable): string {
  return Object.values(packages)[0] ?? "";
}
