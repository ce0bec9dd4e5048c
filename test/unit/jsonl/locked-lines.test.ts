import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { keepLines } from "../../../src/storage/jsonl/locked-lines.ts";
import { failingFileSystem, interceptedFileSystem } from "../../support/intercepted-file-system.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

const isKept = (line: Buffer) => line[0] !== 0x2d;
const line = fc.tuple(fc.constantFrom("-", "+"), fc.oneof(fc.string(), fc.constant("é\u2028".repeat(50_000))));

it("what is kept of a file stays byte for byte, and the rest is handed over before it leaves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.boolean(), async (lines, isEnded) => {
      const texts = lines.map(([mark, text]) => mark + text.replaceAll("\n", ""));
      const path = join(fastTemporaryFolder(), "lines");
      const content = texts.join("\n") + (isEnded && texts.length > 0 ? "\n" : "");
      writeFileSync(path, content);
      const handedOver: string[] = [];
      const fileSystem = interceptedFileSystem((call) => {
        if (call.name === "renameSync") handedOver.push("replaced");
        return call.proceed();
      });
      const left = await keepLines(fileSystem, path, isKept, (dropped) => void handedOver.push(dropped.toString()));
      const tail = isEnded ? [] : texts.slice(-1);
      const whole = texts.slice(0, texts.length - tail.length);
      const dropped = whole.filter((text) => text.startsWith("-"));
      expect(left).toBe(dropped.length);
      const kept = whole.filter((text) => text.startsWith("+")).map((text) => `${text}\n`);
      expect(readFileSync(path, "utf8")).toBe(left === 0 ? content : kept.join("") + tail.join(""));
      expect(handedOver.join("")).toBe(left === 0 ? "" : `${dropped.join("\n")}\nreplaced`);
    }),
    { numRuns: 50 },
  );
});

it("little of a large file is held at a time", async () => {
  const path = join(fastTemporaryFolder(), "lines");
  writeFileSync(path, `${`-${"x".repeat(999)}\n`}${`+${"x".repeat(999)}\n`}`.repeat(10_000));
  let longest = 0;
  const fileSystem = interceptedFileSystem((call) => {
    if (/^(read|write)Sync$/.test(call.name)) longest = Math.max(longest, Number(call.args[3]));
    return call.proceed();
  });
  let handedOver = 0;
  const left = await keepLines(fileSystem, path, isKept, (dropped) => {
    longest = Math.max(longest, dropped.length);
    handedOver += dropped.length;
  });
  expect([left, handedOver, readFileSync(path).length]).toEqual([10_000, 10_010_000, 10_010_000]);
  expect(longest).toBeLessThan(1.1 * 1024 * 1024);
});

it("a file that cannot be replaced stands as it was, with nothing beside it", async () => {
  const content = "-1\n+2\n-3\n+4";
  for (let at = 1; at < 100; at += 1) {
    const path = join(fastTemporaryFolder(), "lines");
    writeFileSync(path, content);
    const failing = failingFileSystem(at, "EIO");
    const left = await keepLines(failing.fileSystem, path, isKept).catch(() => "failed");
    if (failing.struck() === undefined) break;
    failing.heal();
    expect([content, "+2\n+4"]).toContain(readFileSync(path, "utf8"));
    if (left !== "failed") expect(readFileSync(path, "utf8")).toBe("+2\n+4");
    expect(readdirSync(dirname(path))).toEqual(["lines"]);
  }
});
