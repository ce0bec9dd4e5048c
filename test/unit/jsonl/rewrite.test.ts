import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { finishDrains, GRACE_MS } from "../../../src/storage/jsonl/journal/late-appends.ts";
import { rewriteLog } from "../../../src/storage/jsonl/journal/rewrite.ts";
import { failingFileSystem } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

const lock = { release() {}, confirm() {} };

/** Takes the lines out that begin with a minus. Gives how many. */
async function keepLines(fileSystem: FileSystem, path: string): Promise<number> {
  let dropped = 0;
  const decide = (line: Buffer) => {
    if (line[0] !== 0x2d) return "keep";
    dropped += 1;
    return "drop";
  };
  await rewriteLog({ fileSystem, log: path, lock, decide, isNeeded: () => dropped > 0 });
  return dropped;
}

it("what is kept of a file stays byte for byte, also the line that has no end yet, and for whom it is to read", async () => {
  const path = join(fastTemporaryFolder(), "lines");
  writeFileSync(path, "-1\n+\u2028é\r\n-3\n\n+4");
  chmodSync(path, 0o640);
  expect(await keepLines(nodeFileSystem, path)).toBe(2);
  expect(readFileSync(path, "utf8")).toBe("+\u2028é\r\n\n+4");
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(await keepLines(nodeFileSystem, path)).toBe(0);
});

it("a file that cannot be replaced stands as it was, with nothing beside it once late lines have had their time", async () => {
  const content = "-1\n+2\n-3\n+4";
  for (let at = 1; at < 100; at += 1) {
    const path = join(fastTemporaryFolder(), "lines");
    writeFileSync(path, content);
    const failing = failingFileSystem(at, "EIO");
    const left = await keepLines(failing.fileSystem, path).catch(() => "failed");
    if (failing.struck() === undefined) break;
    failing.heal();
    expect([content, "+2\n+4"]).toContain(readFileSync(path, "utf8"));
    if (left !== "failed") expect(readFileSync(path, "utf8")).toBe("+2\n+4");
    finishDrains(nodeFileSystem, [path], Date.now() + 2 * GRACE_MS);
    expect(readdirSync(dirname(path))).toEqual(["lines"]);
  }
});
