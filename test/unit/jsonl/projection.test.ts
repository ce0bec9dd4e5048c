import { appendFileSync, closeSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { APPEND } from "../../../src/storage/jsonl/files/file-system.ts";
import { writeLines } from "../../../src/storage/jsonl/journal/append.ts";
import type { Fold } from "../../../src/storage/jsonl/projection/fold.ts";
import { Projection } from "../../../src/storage/jsonl/projection/projection.ts";
import { fileSystemError, interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

const sum: Fold<{ total: number }, number> = {
  empty: () => ({ total: 0 }),
  decode: (line) => Number(line),
  add(state, line) {
    state.total += line;
  },
};

function setUp(lines: string) {
  const path = join(fastTemporaryFolder(), "lines");
  writeFileSync(path, lines);
  let decoded = 0;
  let failAt = Number.POSITIVE_INFINITY;
  let largeReads = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (call.name === "readSync" && Number(call.args[3]) > 10_000) largeReads += 1;
    if (largeReads === failAt) throw fileSystemError("EIO", call.name);
    return call.proceed();
  });
  const counting = { ...sum, decode: (line: Buffer) => Number(line) + 0 * decoded++ };
  const projection = new Projection({ fileSystem }, path, counting);
  return {
    path,
    fileSystem,
    projection,
    total: async () => (await projection.readFile())?.state.total,
    decodedSince: (before = 0) => decoded - before,
    failAtLargeRead(number: number) {
      largeReads = 0;
      failAt = number;
    },
  };
}

it("reads what was added, and all of another file", async () => {
  const { decodedSince, path, projection, total } = setUp("1\n2\n");
  expect(await total()).toBe(3);
  appendFileSync(path, "4\n8");
  expect(await total()).toBe(7);
  expect(decodedSince()).toBe(3);
  writeFileSync(`${path}.new`, "1\n");
  renameSync(`${path}.new`, path);
  expect(await total()).toBe(1);
  expect(projection.restarts).toBe(2);
});

it("a reading that fails half way leaves nothing to go on from", async () => {
  const { failAtLargeRead, path, total } = setUp("1\n");
  expect(await total()).toBe(1);
  appendFileSync(path, "1\n".repeat(300_000));
  failAtLargeRead(2);
  await expect(total()).rejects.toThrow("EIO");
  failAtLargeRead(Number.POSITIVE_INFINITY);
  expect(await total()).toBe(300_001);
});

it("what this process has just written is not decoded again, unless another program wrote, too", async () => {
  const { decodedSince, fileSystem, path, projection, total } = setUp("1\n");
  await total();
  const fd = openSync(path, APPEND);
  const add = async (before: string) => {
    appendFileSync(path, before);
    const appended = writeLines(fileSystem, fd, Buffer.from("2\n"));
    await projection.read(fd, undefined, { own: { ...appended, lines: [{ line: 2, start: appended.start }] } });
    return projection.current.state.total;
  };
  expect(await add("")).toBe(3);
  expect(decodedSince()).toBe(1);
  expect(await add("4\n")).toBe(9);
  expect(decodedSince()).toBe(3);
  expect(await total()).toBe(9);
  closeSync(fd);
});
