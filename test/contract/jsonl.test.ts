import { expect, test } from "vitest";
import { idOf } from "../support/histories.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { damagedLinesOf, openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder, type Place, temporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun, namesOf, verifyRun } from "../support/single-calls.ts";
import { describeStore } from "./store.contract.ts";

describeStore("jsonl", jsonlPlace);

function jsonlPlace(): Place {
  const projectRoot = fastTemporaryFolder();
  return { durable: true, open: (options) => openJsonl(projectRoot, options) };
}

test("a reader that leaves a scan early leaves no file open", async () => {
  const open = new Set<number>();
  const fileSystem = interceptedFileSystem((call) => {
    const result = call.proceed();
    if (call.name === "openSync") open.add(Number(result));
    if (call.name === "closeSync") open.delete(Number(call.args[0]));
    return result;
  });
  const clock = clockAt();
  const { runs } = openJsonl(temporaryFolder(), { now: clock.now, fileSystem });
  await appendRun(runs, REVIEWER, runMaker(clock)());
  const timestamp = "2026-11-22T10:00:00Z";
  await verifyRun(runs, REVIEWER, { execution_id: idOf(1), success: true, verified_by: "ci", timestamp });
  const before = open.size;
  for await (const _ of runs.scan(REVIEWER, {})) {
    expect(open.size).toBe(before + 2);
    break;
  }
  expect(open.size).toBe(before);
  const failing = (async () => {
    for await (const _ of runs.scan(REVIEWER, {})) throw new Error("of the caller's own");
  })();
  await expect(failing).rejects.toThrow("of the caller's own");
  expect(open.size).toBe(before);
});

test("closing waits for a scan that was begun", async () => {
  const clock = clockAt();
  const { runs } = openJsonl(temporaryFolder(), { now: clock.now });
  await appendRun(runs, REVIEWER, runMaker(clock)());
  let closed: Promise<void> | undefined;
  let isClosed = false;
  for await (const some of runs.scan(REVIEWER, {})) {
    closed = runs.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([some.length, isClosed]).toEqual([1, false]);
  }
  await closed;
  expect(isClosed).toBe(true);
});

test("an agent that nobody has heard of has no damage, nothing to repair, and is not made up by a repair", async () => {
  const root = temporaryFolder();
  const { now } = clockAt();
  const { runs } = openJsonl(root, { now });
  const unheard = agentNamed("nobody");
  expect(await damagedLinesOf(root, unheard, now)).toEqual([]);
  expect(await runs.repair(unheard)).toEqual({ quarantined: 0, mended: 0 });
  expect(await namesOf(runs)).toEqual([]);
  await runs.close();
  expect(await codeOf(runs.repair(unheard))).toBe("CLOSED");
});
