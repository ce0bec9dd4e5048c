import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { logPath, writeForeignLines } from "../support/foreign-writer.ts";
import { interceptedFileSystem } from "../support/intercepted-file-system.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER, runMaker } from "../support/runs.ts";
import { appendRun } from "../support/single-calls.ts";
import { operations, prepare, scenarioClock } from "./scenarios.ts";

/** Checkouts, merges and editors put another history in the place of the one that a store knows. */

const clock = clockAt();
const large = "x".repeat(300_000);

function line(n: number, success: boolean, notes = ""): string {
  return `${JSON.stringify({ n, notes, success, timestamp: "2026-11-22T09:00:00Z", last: n })}\n`;
}

const changes: Record<string, (log: string, before: string) => string> = {
  "a longer one": (_, before) => before.replaceAll("true", "null").concat(line(7, false), line(8, false), before),
  "one of the same length": (_, before) =>
    before.replaceAll('"success":true', '"success":0.0e'.concat("0")).slice(0, -1).concat("\n"),
  "a shorter one": () => line(9, false),
  "an empty one": () => "",
  "one that begins in the same way": (_, before) =>
    before.slice(0, before.indexOf("\n") + 1).concat(line(9, false).repeat(4), before),
};

describe.each(Object.entries(changes))("when %s takes the place of a log", (_, change) => {
  test.each(["in the same file", "in a new file"])("%s, a store answers from what is there now", async (where) => {
    const root = fastTemporaryFolder();
    const log = logPath(root, REVIEWER);
    const writer = openJsonl(root, { now: clock.now }).runs;
    await appendRun(writer, REVIEWER, runMaker(clock)());
    // An index is written at the next append, so that both kinds of memory are there: in the process, and on disk.
    writeForeignLines(
      root,
      REVIEWER,
      [1, 2].map((n) => ({ n, success: true, timestamp: "2026-11-22T09:00:00Z", notes: large })),
    );
    await appendRun(writer, REVIEWER, runMaker(clock, 1)({ idempotency_key: "k" }));
    await writer.overview(REVIEWER);

    const { ino } = statSync(log);
    const after = change(log, readFileSync(log, "utf8"));
    if (where === "in a new file") rmSync(log);
    writeFileSync(log, after);
    if (where === "in the same file") expect(statSync(log).ino).toBe(ino);

    const lines = after.split("\n").slice(0, -1);
    const untold = fastTemporaryFolder();
    if (after !== "") writeForeignLines(untold, REVIEWER, []);
    writeFileSync(after === "" ? `${untold}/unused` : logPath(untold, REVIEWER), after);
    const expected = await openJsonl(untold, { now: clock.now }).runs.overview(REVIEWER);
    for (const store of [writer, openJsonl(root, { now: clock.now }).runs]) {
      expect(await store.overview(REVIEWER)).toEqual(expected);
      const { executions } = await store.page(REVIEWER, { filter: {}, limit: 100 });
      expect(executions.length).toBe(expected.view.tally.runs);
    }
    const again = await appendRun(writer, REVIEWER, runMaker(clock, 50)({ idempotency_key: "k", notes: "new" })).catch(
      () => "refused",
    );
    // The key is in use exactly where the run that used it is still there.
    expect(again === "refused").toBe(lines.some((text) => text.includes('"idempotency_key": "k"')));
  });
});

test.each(["prune", "repair", "sortByTime"] as const)(
  "a %s of a log that a checkout replaces meanwhile leaves what came with it",
  async (operation) => {
    const root = fastTemporaryFolder();
    await prepare(root, operation);
    const path = logPath(root, REVIEWER);
    const theirs = '{"success": true, "timestamp": "2026-11-22T10:00:00Z", "colleague": true}\n';
    let isReplaced = false;
    const fileSystem = interceptedFileSystem((call) => {
      if (!isReplaced && call.name === "openSync" && String(call.args[0]).includes(".rewrite-")) {
        isReplaced = true;
        // Older, so that it comes first.
        writeFileSync(`${path}.checkout`, theirs + readFileSync(path, "latin1"), "latin1");
        renameSync(`${path}.checkout`, path);
      }
      return call.proceed();
    });
    const { runs: executions } = openJsonl(root, { now: scenarioClock.now, fileSystem });
    await expect(operations[operation].perform(executions)).rejects.toMatchObject({ code: "IO_ERROR" });
    expect(isReplaced).toBe(true);
    expect(readFileSync(path, "utf8").startsWith(theirs)).toBe(true);
    await operations[operation].perform(openJsonl(root, { now: scenarioClock.now }).runs);
    expect(readFileSync(path, "utf8")).toContain(theirs);
  },
);

test.each(["in the same file", "in a new file"])(
  "a page goes on in no log that was rewritten since, %s",
  async (where) => {
    const root = fastTemporaryFolder();
    const log = logPath(root, REVIEWER);
    writeForeignLines(root, REVIEWER, []);
    writeFileSync(log, [1, 2, 3].map((n) => line(n, true)).join(""));
    const { runs: executions } = openJsonl(root, { now: clock.now });
    const { nextCursor: cursor } = await executions.page(REVIEWER, { filter: {}, limit: 1 });
    writeForeignLines(root, REVIEWER, [{ success: false }]);
    const next = await executions.page(REVIEWER, { filter: {}, limit: 1, cursor });
    expect(next.executions.map(({ record }) => record.n)).toEqual([2]);
    // A new file may get the number of the old one, as soon as that is gone; and hold the same line at the same place.
    const isNewFile = where === "in a new file";
    if (isNewFile) renameSync(log, `${log}.old`);
    writeFileSync(log, [7, 8, isNewFile ? 3 : 9].map((n) => line(n, true)).join(""));
    for (const { runs: executions } of [openJsonl(root, { now: clock.now }), openJsonl(root, { now: clock.now })]) {
      const page = executions.page(REVIEWER, { filter: {}, limit: 1, cursor });
      await expect(page).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message: /rewritten/ });
    }
  },
);
