import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { loadSealed, saveSealed } from "../../../src/storage/jsonl/projection/sealed-file.ts";
import { temporaryFolder } from "../../support/places.ts";

const keyOf = (byte: number) => ({ toRead: () => Buffer.alloc(32, byte), toWrite: () => Buffer.alloc(32, byte) });

function place(agent = "a", root = temporaryFolder()) {
  const folder = join(root, agent, ".index");
  mkdirSync(folder, { recursive: true });
  return join(folder, "checkpoint.json");
}

test("what was sealed with a key is believed with that key, and by those who have none", () => {
  const path = place();
  saveSealed(nodeFileSystem, path, { runs: 1 }, keyOf(1));
  expect(loadSealed(nodeFileSystem, path, keyOf(1))).toEqual({ runs: 1 });
  expect(loadSealed(nodeFileSystem, path)).toEqual({ runs: 1 });
  expect(loadSealed(nodeFileSystem, path, keyOf(2))).toBeUndefined();
  expect(loadSealed(nodeFileSystem, path, { ...keyOf(1), toRead: () => undefined })).toBeUndefined();
});

test("who has a key believes no checksum alone, nor another's seal, nor one of another place", () => {
  const root = temporaryFolder();
  const [mine, theirs] = [place("mine", root), place("theirs", root)];
  saveSealed(nodeFileSystem, mine, { runs: 12_001 });
  expect(loadSealed(nodeFileSystem, mine)).toEqual({ runs: 12_001 });
  expect(loadSealed(nodeFileSystem, mine, keyOf(1))).toBeUndefined();
  saveSealed(nodeFileSystem, theirs, { runs: 1 }, keyOf(1));
  writeFileSync(mine, readFileSync(theirs));
  expect(loadSealed(nodeFileSystem, mine, keyOf(1))).toBeUndefined();
  expect(loadSealed(nodeFileSystem, theirs, keyOf(1))).toEqual({ runs: 1 });
});

test("damage shows with a key and without", () => {
  const path = place();
  saveSealed(nodeFileSystem, path, { runs: 1 }, keyOf(1));
  writeFileSync(path, readFileSync(path, "utf8").replace("1}", "2}"));
  expect(loadSealed(nodeFileSystem, path)).toBeUndefined();
  expect(loadSealed(nodeFileSystem, path, keyOf(1))).toBeUndefined();
});
