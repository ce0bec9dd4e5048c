import { expect, test } from "vitest";
import { runCommandHere } from "../support/command-here.ts";
import { writeForeignLines } from "../support/foreign-writer.ts";
import { idOf } from "../support/histories.ts";
import { temporaryFolder } from "../support/places.ts";

/** Spellings of the first second of 2020, as another writer of the same files prunes by them. */
const LONG_AGO = [
  "20200101T000000Z",
  "2020-W01-3T00:00:00Z",
  "2020W013",
  "2020-01-01T05:30:15+05:30:15",
  "2020-01-01T00:00:00.0000000000Z",
  "2020-01-01T00Z",
  "2020-01-01_00:00",
  "2020-01-01T00:00:00 Z",
];

const everyRun = ["--retention-days", "0"];

test("a run expires by its time in every spelling that another writer reads", async () => {
  const root = temporaryFolder();
  const fresh = { success: true, timestamp: new Date().toISOString() };
  // What nobody can read never expires.
  const unread = { success: true, timestamp: "2020-01-01T00:00:00z" };
  writeForeignLines(root, "old", [...LONG_AGO.map((timestamp) => ({ success: false, timestamp })), fresh, unread]);
  const { stdout } = await runCommandHere(["summary", "old", "--json"], { root });
  expect(JSON.parse(stdout)).toMatchObject({ execution_count: 2, success_rate: 1 });
});

test("--since and --until, and spans, find a run by its time in every spelling", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "old", [
    ...LONG_AGO.map((timestamp) => ({ success: true, timestamp })),
    { success: false, timestamp: "2020-01-02T00:00:00Z" },
  ]);
  const counted = async (...filter: string[]) => {
    const { stdout } = await runCommandHere(["summary", "old", "--json", ...filter, ...everyRun], { root });
    return JSON.parse(stdout).execution_count;
  };
  expect(await counted("--since", "20200101", "--until", "2020-W01-4")).toBe(LONG_AGO.length);
  expect(await counted("--since", " 2020-01-01T00:00:00.000001z ", "--until", "2021-01-01")).toBe(LONG_AGO.length + 1);
  expect(await counted("--until", "20200101T00Z")).toBe(0);
  const { stdout } = await runCommandHere(["export", "--format", "otlp", "--output", "-", ...everyRun], { root });
  const spans = spansIn(stdout).map(({ endTimeUnixNano }) => endTimeUnixNano);
  expect(spans.slice(0, -1)).toEqual(LONG_AGO.map(() => "1577836800000000000"));
});

test("a run whose time no span can hold is left out and counted, and the others are sent", async () => {
  const root = temporaryFolder();
  const far = ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "2600-01-01", "1969-12-31", 1_795_341_600_000_000];
  writeForeignLines(root, "far", [
    ...far.map((timestamp, index) => ({ id: idOf(index + 1), success: true, timestamp })),
    { success: true, timestamp: "2554-07-21T23:34:33.709Z", execution_time_s: 1 },
    { success: true, timestamp: "1970-01-01T00:00:00Z", execution_time_s: 1 },
  ]);
  const { stderr, stdout } = await runCommandHere(["export", "--format", "otlp", "--output", "-", ...everyRun], {
    root,
  });
  expect(spansIn(stdout).map((span) => [span.startTimeUnixNano, span.endTimeUnixNano])).toEqual([
    ["18446744072709000000", "18446744073709000000"],
    ["0", "0"],
  ]);
  expect(stderr).toContain("5 runs left out: a span needs a time from 1970 to July 2554.");
});

test("a time in no year of four digits is shown whole, and stops no list", async () => {
  const root = temporaryFolder();
  writeForeignLines(root, "far", [{ success: false, error_type: "Timeout", timestamp: 1_795_341_600_000_000 }]);
  const brief = await runCommandHere(["summary", "far", "--json"], { root });
  expect(JSON.parse(brief.stdout)).toMatchObject({ last_execution: "+058862-02-09T16:00:00.000Z" });
  expect(brief.stdout).toContain('"last_seen": "+058862-02-09T16:00:00Z"');
});

function spansIn(text: string): { startTimeUnixNano: string; endTimeUnixNano: string }[] {
  const requests = text.split("\n").filter((line) => line !== "");
  return requests.flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans);
}
