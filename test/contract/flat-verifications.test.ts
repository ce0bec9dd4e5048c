import { appendFileSync, existsSync, utimesSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { FileSystem } from "../../src/storage/jsonl/files/file-system.ts";
import { writeForeignText } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, verifyRun } from "../support/single-calls.ts";

const clock = clockAt();

/** A file system that counts the bytes that are read of each file, by its name. */
function countingFileSystem(): { fileSystem: FileSystem; read: Map<string, number> } {
  const read = new Map<string, number>();
  const names = new Map<unknown, string>();
  const fileSystem = interceptedFileSystem((call) => {
    const result = call.proceed();
    if (call.name === "openSync") names.set(result, basename(String(call.args[0])));
    if (call.name === "readSync") {
      const name = names.get(call.args[0]) ?? "?";
      read.set(name, (read.get(name) ?? 0) + Number(result));
    }
    return result;
  });
  return { fileSystem, read };
}

/** A folder with so many runs over 20 days, all of them checked, whose store has run and is closed again. */
async function verifiedHistory(count: number): Promise<string> {
  const root = fastTemporaryFolder();
  const log: string[] = [];
  const verifications: string[] = [];
  for (let ordinal = 1; ordinal <= count; ordinal += 1) {
    const timestamp = formatInstant(clock.now() - 20 * DAY_MS * (1 - ordinal / count));
    const id = idOf(ordinal);
    log.push(JSON.stringify({ success: true, timestamp, id }));
    const run = { agent: REVIEWER, execution_id: id, claimed: true, executed_at: timestamp };
    verifications.push(JSON.stringify({ ...run, success: ordinal % 4 > 0, verified_by: "tests", timestamp }));
  }
  writeForeignText(root, REVIEWER, `${log.join("\n")}\n`);
  appendFileSync(join(root, ".kaizen", "metrics", REVIEWER, "verifications.jsonl"), `${verifications.join("\n")}\n`);
  const { runs: executions } = openJsonl(root, { now: clock.now });
  const makeRun = runMaker(clock, count);
  await appendRun(executions, REVIEWER, makeRun());
  await verifyRun(executions, REVIEWER, verificationOf(count + 1));
  await executions.close();
  return root;
}

function verificationOf(ordinal: number) {
  const timestamp = formatInstant(clock.now());
  return { execution_id: idOf(ordinal), success: false, verified_by: "ci", timestamp } as const;
}

test("what a process that has just started reads of log and verifications does not depend on how much there is", async () => {
  const bytesRead: Record<string, number[]> = {};
  for (const count of [3000, 12_000]) {
    const root = await verifiedHistory(count);
    const makeRun = runMaker(clock, count + 1);
    const calls = {
      summary: (store: ReturnType<typeof openJsonl>) => store.runs.overview(REVIEWER),
      record: (store: ReturnType<typeof openJsonl>) => appendRun(store.runs, REVIEWER, makeRun()),
      verify: (store: ReturnType<typeof openJsonl>) => verifyRun(store.runs, REVIEWER, verificationOf(count)),
    };
    for (const [name, call] of Object.entries(calls)) {
      const { fileSystem, read } = countingFileSystem();
      await call(openJsonl(root, { now: clock.now, fileSystem }));
      for (const file of ["executions.jsonl", "verifications.jsonl", "verifications.json"]) {
        const figures = bytesRead[`${name} ${file}`] ?? [];
        figures.push(read.get(file) ?? 0);
        bytesRead[`${name} ${file}`] = figures;
      }
    }
    const { verified } = await openJsonl(root, { now: clock.now }).runs.overview(REVIEWER);
    expect(verified).toMatchObject({ verified: { runs: count + 1 }, claimedSuccesses: count + 1 });
  }
  for (const [what, [few = 0, many = 0]] of Object.entries(bytesRead)) {
    expect([what, many <= few * 1.1 + 2048, many < 256 * 1024]).toEqual([what, true, true]);
  }
});

test("a look for changes makes nothing, and is a look at each file from outside", async () => {
  const root = fastTemporaryFolder();
  const calls: string[] = [];
  const fileSystem = interceptedFileSystem((call) => {
    calls.push(call.name);
    return call.proceed();
  });
  const store = openJsonl(root, { now: clock.now, fileSystem });
  const look = async () => [
    await store.runs.changeToken(),
    await store.runs.changeToken(REVIEWER),
    await store.advice.changeToken(),
  ];
  await look();
  expect(existsSync(join(root, ".kaizen"))).toBe(false);
  await appendRun(store.runs, REVIEWER, runMaker(clock)());
  // A folder that has only just changed may change again within the same tick of its clock, and is listed each time.
  const metrics = join(root, ".kaizen", "metrics");
  utimesSync(metrics, 1, 1);
  await look();
  calls.length = 0;
  await look();
  expect(new Set(calls)).toEqual(new Set(["lstatSync"]));
  expect(calls.length).toBeLessThan(10);
});
