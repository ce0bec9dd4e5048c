import { join } from "node:path";
import type { Repository } from "./find-repository.ts";
import { readPlainFile, readShortText } from "./plain-file.ts";

/** What git lets a ref be called, and no path out of the folder of refs. */
const namePattern = /^refs\/(?!.*(?:\.\.|\/\/|\/\.|@\{))[^\0-\x20~^:?*[\\\x7f]{1,1000}$/;

const MOST_LINKS = 5;
const MOST_PACKED_BYTES = 64 << 20;

/** Whether a text is the full id of an object. */
export function isId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/**
 * The commit that is checked out. `undefined` before the first commit, and for a store of refs that is none of files
 * (`reftable`).
 */
export function readHead(repository: Repository): string | undefined {
  return followed(readShortText(join(repository.gitDir, "HEAD")), repository);
}

/** What a branch, a tag or a full name of a ref points to, looked up in git's order; `undefined` for an unknown name. */
export function readRef(name: string, repository: Repository): string | undefined {
  if (name === "HEAD") return readHead(repository);
  for (const prefix of ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]) {
    const id = refOf(prefix + name, repository, MOST_LINKS);
    if (id !== undefined) return id;
  }
  return undefined;
}

function refOf(name: string, repository: Repository, links: number): string | undefined {
  if (!namePattern.test(name) || links === 0) return undefined;
  const { commonDir, gitDir } = repository;
  for (const folder of new Set([gitDir, commonDir])) {
    const text = readShortText(join(folder, name));
    if (text !== undefined) return followed(text, repository, links - 1);
  }
  return packedRef(name, commonDir);
}

function followed(text: string | undefined, repository: Repository, links = MOST_LINKS): string | undefined {
  if (text === undefined) return undefined;
  if (isId(text)) return text;
  const name = /^ref:\s{0,10}(\S+)$/.exec(text)?.[1];
  return name === undefined ? undefined : refOf(name, repository, links);
}

/** Most refs stand together in one file, a line each: the id and the name. */
function packedRef(name: string, commonDir: string): string | undefined {
  const packed = readPlainFile(join(commonDir, "packed-refs"), MOST_PACKED_BYTES);
  const at = packed?.indexOf(` ${name}\n`) ?? -1;
  if (packed === undefined || at < 0) return undefined;
  const id = packed.toString("latin1", packed.lastIndexOf("\n", at) + 1, at);
  return isId(id) ? id : undefined;
}
