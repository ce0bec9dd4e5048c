import { createHash } from "node:crypto";
import { constants, mkdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import type { Limit } from "../limit.ts";

const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-[^\n]*\n)*oid sha256:[0-9a-f]{64}\nsize \d+\n?$/;
const MOST_POINTER_BYTES = 1024;

/**
 * What Git LFS keeps in git in a file's place, by the format of its specification, version 1. An empty file, and what is
 * such a pointer already, are kept as they are. Stands in for `git-lfs`: a hook runs no filter of the user's.
 */
export async function pointerOf(file: Buffer, limit: Limit): Promise<Buffer> {
  const hash = createHash("sha256");
  const start: Buffer[] = [];
  let size = 0;
  // Non-blocking, for the case that it was exchanged for a FIFO just now.
  const opened = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  for await (const chunk of opened.createReadStream()) {
    limit.check();
    const bytes = Buffer.from(chunk);
    if (size < MOST_POINTER_BYTES) start.push(bytes);
    size += bytes.length;
    hash.update(bytes);
  }
  const content = Buffer.concat(start);
  if (size === 0 || (size < MOST_POINTER_BYTES && POINTER.test(content.toString("latin1")))) return content;
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${hash.digest("hex")}\nsize ${size}\n`;
  return Buffer.from(text);
}

/** Writes a blob into a folder of objects, as git does it. Gives its id. */
export function writeBlob(objects: string, content: Buffer, algorithm: "sha1" | "sha256"): string {
  const object = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
  const id = createHash(algorithm).update(object).digest("hex");
  const file = join(objects, id.slice(0, 2), id.slice(2));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, deflateSync(object));
  return id;
}
