import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { logPath, writeForeignText } from "../support/foreign-writer.ts";
import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder } from "../support/places.ts";
import { clockAt, REVIEWER } from "../support/runs.ts";

const clock = clockAt();

function run(hour: number, more: object = {}): string {
  return JSON.stringify({ success: true, timestamp: `2026-11-21T${String(hour).padStart(2, "0")}:00:00Z`, ...more });
}

/** A log with this text, put in the order of time. */
async function sorted(text: string) {
  const root = fastTemporaryFolder();
  writeForeignText(root, REVIEWER, text);
  const { runs: executions } = openJsonl(root, { now: clock.now });
  const before = await executions.overview(REVIEWER);
  const hasMoved = await executions.sortByTime(REVIEWER);
  const after = await openJsonl(root, { now: clock.now }).runs.overview(REVIEWER);
  const { executions: newestFirst } = await executions.page(REVIEWER, { filter: {}, limit: 1000 });
  await executions.close();
  return { hasMoved, before, after, runs: newestFirst.reverse(), text: readFileSync(logPath(root, REVIEWER), "utf8") };
}

test("of two runs with one key the first stays the one that counts, whatever their times", async () => {
  const lines = [run(5, { idempotency_key: "k", n: 1 }), run(2, { n: 2 }), run(1, { idempotency_key: "k", n: 3 })];
  const { runs, text } = await sorted(`${lines.join("\n")}\n`);
  expect(runs.map(({ record }) => record.n)).toEqual([2, 1]);
  expect(text.split("\n").map((line) => (line === "" ? "" : JSON.parse(line).n))).toEqual([2, 1, 3, ""]);
});

test("what no reader understands stays behind the line before it, byte for byte, and a torn end is ended", async () => {
  const { text } = await sorted(`\u0000 first\n${run(3)}\n  torn {\r\n${run(1)}\n\n${run(2)}{"glued": 1}\ntail`);
  expect(text).toBe(`\u0000 first\n${run(1)}\n\n${run(2)}{"glued": 1}\ntail\n${run(3)}\n  torn {\r\n`);
});

test("a log of any lines keeps them all, counts as before, and has its runs in the order of time", async () => {
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 23 }).map((hour) => run(hour)) },
    { weight: 2, arbitrary: fc.nat(3).map((key) => run(key, { idempotency_key: `k${key}` })) },
    { weight: 1, arbitrary: fc.constantFrom("", "torn", '{"success": true}', `${run(7)}${run(3)}`) },
    { weight: 1, arbitrary: fc.constant(JSON.stringify({ success: false, timestamp: "2020-01-01T00:00:00Z" })) },
    { weight: 1, arbitrary: fc.constant(run(9, { notes: "n".repeat(70_000) })) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.boolean(), async (lines, isEnded) => {
      const text = lines.join("\n") + (isEnded && lines.length > 0 ? "\n" : "");
      if (text === "") return;
      const { after, before, runs, text: found } = await sorted(text);
      const expected = text.split("\n").sort();
      expect(found.split("\n").sort().join("\n").trim()).toBe(expected.join("\n").trim());
      expect(after.view.tally).toEqual(before.view.tally);
      expect(after.unreadable).toBeGreaterThanOrEqual(before.unreadable);
      // A line of several runs has one place, that of its first.
      const times = runs.flatMap(({ at, record }) =>
        at === undefined || record.timestamp === "2026-11-21T03:00:00Z" ? [] : [at],
      );
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }),
    { numRuns: 40 },
  );
});
