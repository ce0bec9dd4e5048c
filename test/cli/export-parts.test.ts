import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { temporaryFolder } from "../support/places.ts";

/** No system gives a process this number. */
const GONE = 999_999_999;

test("an export takes away what killed ones of the same name have left, and nothing that may still be written", async () => {
  const root = temporaryFolder();
  expect(await runCommandHere(["record", "coder", "--success"], { root })).toMatchObject({ status: 0 });
  const folder = temporaryFolder();
  const anHourAgo = Date.now() / 1000 - 3_600;
  const leave = (name: string, at = anHourAgo) => {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), at, at);
  };
  leave(`out.jsonl.part-${GONE}`);
  leave(`out.jsonl.part-${GONE - 1}`, Date.now() / 1000);
  leave(`out.jsonl.part-${process.ppid}`);
  leave(`other.jsonl.part-${GONE}`);
  leave(`out.jsonl.part-${GONE}.txt`);
  const ran = await runCommandHere(["export", "--output", join(folder, "out.jsonl")], { root });
  expect(ran).toMatchObject({ status: 0 });
  expect(readdirSync(folder).sort()).toEqual(
    [
      "out.jsonl",
      `out.jsonl.part-${GONE - 1}`,
      `out.jsonl.part-${process.ppid}`,
      `other.jsonl.part-${GONE}`,
      `out.jsonl.part-${GONE}.txt`,
    ].sort(),
  );
});
