import { createHash } from "node:crypto";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import type { Repository } from "./find-repository.ts";
import { readPlainFile } from "./plain-file.ts";
import { isId } from "./read-ref.ts";

const MOST_BYTES = 64 << 10;

/**
 * The id of a commit's tree, if the commit is a file of its own, as a new one is (git, Documentation/gitformat-loose).
 * `undefined` for one in a pack, and one that is not what its id says: git is asked.
 */
export function readTreeOf(commit: string, { commonDir }: Repository): string | undefined {
  if (!isId(commit)) return undefined;
  try {
    const packed = readPlainFile(join(commonDir, "objects", commit.slice(0, 2), commit.slice(2)), MOST_BYTES);
    if (packed === undefined) return undefined;
    const object = inflateSync(packed, { maxOutputLength: MOST_BYTES });
    const algorithm = commit.length === 64 ? "sha256" : "sha1";
    if (createHash(algorithm).update(object).digest("hex") !== commit) return undefined;
    return /^commit \d+\0tree ([0-9a-f]+)\n/.exec(object.toString("latin1"))?.[1];
  } catch {
    return undefined;
  }
}
