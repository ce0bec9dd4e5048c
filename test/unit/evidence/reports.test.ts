import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readJunit } from "../../../src/evidence/reports/junit.ts";
import type { TestReport } from "../../../src/evidence/reports/report.ts";
import { readTap } from "../../../src/evidence/reports/tap.ts";
import { readVitest } from "../../../src/evidence/reports/vitest.ts";

const folder = fileURLToPath(new URL("../../fixtures/reports", import.meta.url));
const readers = { junit: readJunit, tap: readTap, vitest: readVitest };

/** What each report of a runner holds, as the runner itself counted: tests, failed, skipped. */
const expected: Record<string, [tests: number, failed: number, skipped: number, success: boolean]> = {
  "junit/dotnet-red.xml": [3, 1, 1, false],
  "junit/go-junit-report-red.xml": [4, 2, 1, false],
  "junit/gradle-red.xml": [4, 1, 1, false],
  // jest-junit leaves a file that could not be loaded out of its report, unless it is told otherwise.
  "junit/jest-junit-broken.xml": [1, 0, 0, true],
  // It lists a test that is to be done as one that passed, beside a sum without it.
  "junit/jest-junit-red.xml": [5, 1, 1, false],
  "junit/nextest-red.xml": [3, 1, 0, false],
  "junit/node-red.xml": [6, 1, 2, false],
  "junit/pytest-green.xml": [2, 0, 0, true],
  "junit/pytest-red.xml": [7, 2, 2, false],
  "junit/surefire-red.xml": [5, 2, 1, false],
  "junit/vitest-broken.xml": [1, 1, 0, false],
  "junit/vitest-green.xml": [1, 0, 0, true],
  "junit/vitest-red.xml": [5, 1, 2, false],
  "tap/node-green.tap": [3, 0, 1, true],
  "tap/node-red.tap": [6, 1, 2, false],
  "tap/perl-red.tap": [6, 1, 2, false],
  "tap/vitest-flat-red.tap": [5, 1, 2, false],
  "tap/vitest-red.tap": [5, 1, 2, false],
  "vitest/jest-broken.json": [1, 1, 0, false],
  "vitest/jest-red.json": [4, 1, 2, false],
  "vitest/vitest-broken.json": [1, 1, 0, false],
  "vitest/vitest-green.json": [1, 0, 0, true],
  "vitest/vitest-red.json": [5, 1, 2, false],
};

const reports = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.includes("/"));

test("each report of the fixtures is expected to come to something", () => {
  expect(reports.sort()).toEqual(Object.keys(expected).sort());
});

test.each(Object.entries(expected))("%s, as a file and as a text", async (path, [tests, failed, skipped, success]) => {
  const runner = Object.keys(readers).find((name): name is keyof typeof readers => path.startsWith(`${name}/`));
  if (runner === undefined) throw new Error(`no reader for ${path}`);
  const report: TestReport = { runner, tests, failed, skipped, success };
  expect(await readers[runner](createReadStream(join(folder, path)))).toEqual(report);
  // One byte at a time, so that each sign of each report is cut somewhere.
  expect(await readers[runner](createReadStream(join(folder, path), { highWaterMark: 1 }))).toEqual(report);
  expect(await readers[runner](readFileSync(join(folder, path), "utf8"))).toEqual(report);
});
