import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { fastTemporaryFolder } from "../support/places.ts";

const secondName = /-\d+-([0-9a-f]{8})$/;

/**
 * Makes folders that are all prepared in the same way: the first by doing it, the others as copies, in a tenth of the
 * time. To be asked for in the test that uses them: they go away with it.
 */
export function preparedFolders(prepare: (root: string) => Promise<void>): () => Promise<string> {
  let first: Promise<string> | undefined;
  return async () => {
    first ??= prepared(prepare);
    const root = fastTemporaryFolder();
    cpSync(await first, root, { recursive: true, preserveTimestamps: true });
    // The second name of a log that was replaced ends in the number of its file, which is another in a copy.
    for (const { name, parentPath } of entriesBelow(root)) {
      if (!name.includes(".drain-")) continue;
      const path = join(parentPath, name);
      renameSync(path, join(parentPath, name.replace(secondName, `-${statSync(path).ino}-$1`)));
    }
    return root;
  };
}

async function prepared(prepare: (root: string) => Promise<void>): Promise<string> {
  const root = fastTemporaryFolder();
  await prepare(root);
  return root;
}

/** The same for two folders in which the same files hold the same, but for what is random in a name or an owner. */
export function stateOf(root: string): string {
  const entries = entriesBelow(root).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const place = path
      .slice(root.length)
      .replace(secondName, "-N")
      .replace(/[0-9a-f]{12,}$/, "N");
    if (!entry.isFile()) return place;
    return `${place}\0${statSync(path).nlink}\0${readFileSync(path, "latin1").replace(/"nonce":"\w+"/, "")}`;
  });
  return createHash("sha256").update(entries.sort().join("\0")).digest("hex");
}

function entriesBelow(root: string) {
  return readdirSync(root, { recursive: true, withFileTypes: true });
}
