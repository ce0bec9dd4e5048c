import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type FileSystem, nodeFileSystem } from "../../../src/storage/jsonl/files/file-system.ts";
import { moveToQuarantine, unless } from "../../../src/storage/jsonl/journal/quarantine.ts";
import { failingFileSystem, interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

const judge = unless((line) => line[0] !== 0x2d);
const line = fc.tuple(fc.constantFrom("-", "+"), fc.oneof(fc.string(), fc.constant("é\u2028".repeat(50_000))));

function setUp(content: string) {
  const folder = fastTemporaryFolder();
  const path = join(folder, "lines");
  const quarantine = join(folder, "quarantine");
  writeFileSync(path, content);
  const read = (name: string) => (existsSync(name) ? readFileSync(name, "utf8") : "");
  return {
    folder,
    path,
    quarantine,
    inFile: () => read(path),
    inQuarantine: () => read(quarantine),
    moveToQuarantine: (fileSystem: FileSystem) =>
      moveToQuarantine({ fileSystem, path, quarantine, judge, lock: { release() {}, confirm() {} } }),
  };
}

it("what is kept of a file stays byte for byte, and the rest is in the quarantine before it leaves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), async (lines, isEnded) => {
      const texts = lines.map(([mark, text]) => mark + text.replaceAll("\n", ""));
      const place = setUp(texts.join("\n") + (isEnded && texts.length > 0 ? "\n" : ""));
      let atReplacing = "";
      const fileSystem = interceptedFileSystem((call) => {
        if (call.name === "renameSync") atReplacing = place.inQuarantine();
        return call.proceed();
      });
      const { quarantined } = await place.moveToQuarantine(fileSystem);
      const dropped = texts.filter((text) => text.startsWith("-")).map((text) => `${text}\n`);
      const kept = texts.filter((text) => text.startsWith("+")).map((text) => `${text}\n`);
      expect(quarantined).toBe(dropped.length);
      expect(place.inFile()).toBe(kept.join(""));
      expect(place.inQuarantine()).toBe(dropped.join(""));
      expect(atReplacing).toBe(dropped.join(""));
    }),
    { numRuns: 50 },
  );
});

it("a quarantine is for those to read who could read the file", async () => {
  const place = setUp("-1\n+2\n");
  chmodSync(place.path, 0o600);
  await place.moveToQuarantine(nodeFileSystem);
  expect([place.path, place.quarantine].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
});

it("little of a large file is held at a time", async () => {
  const place = setUp(`${`-${"x".repeat(999)}\n`}${`+${"x".repeat(999)}\n`}`.repeat(10_000));
  let longest = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (/^(read|write)Sync$/.test(call.name)) longest = Math.max(longest, Number(call.args[3]));
    return call.proceed();
  });
  expect(await place.moveToQuarantine(fileSystem)).toEqual({ quarantined: 10_000, mended: 0 });
  expect([place.inFile().length, place.inQuarantine().length]).toEqual([10_010_000, 10_010_000]);
  expect(longest).toBeLessThan(1.1 * 1024 * 1024);
});

it("wherever it fails, every line is in the file or in the quarantine, and no empty quarantine is left", async () => {
  const content = "-1\n+2\n-3\n+4\n";
  let strikes = 0;
  for (let at = 1; at < 200; at += 1) {
    const place = setUp(content);
    const failing = failingFileSystem(at, "EIO");
    const outcome = await place.moveToQuarantine(failing.fileSystem).catch(() => "failed");
    if (failing.struck() === undefined) break;
    strikes += 1;
    failing.heal();
    const isReplaced = place.inFile() === "+2\n+4\n";
    if (!isReplaced) expect(place.inFile()).toBe(content);
    if (isReplaced || outcome !== "failed")
      expect([place.inFile(), place.inQuarantine()]).toEqual(["+2\n+4\n", "-1\n-3\n"]);
    expect(readdirSync(place.folder).filter((name) => /tmp|rewrite/.test(name))).toEqual([]);
    if (existsSync(place.quarantine)) expect(place.inQuarantine()).toBe("-1\n-3\n");
  }
  expect(strikes).toBeGreaterThan(20);
});
