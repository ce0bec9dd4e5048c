import { expect, test } from "vitest";
import { readJunit } from "../../../src/evidence/reports/junit.ts";
import { readTap } from "../../../src/evidence/reports/tap.ts";
import { readVitest } from "../../../src/evidence/reports/vitest.ts";

const suite = (attributes: string, cases: string) => `<testsuite ${attributes}>${cases}</testsuite>`;
const green = '<testcase name="a"/>';
const red = '<testcase name="a"><failure/></testcase>';

test.each([
  ["the attributes alone", suite('tests="3" failures="1" errors="1" skipped="1"', ""), [3, 2, 1, false]],
  ["attributes that all passed", suite('tests="3" failures="0"', ""), [3, 0, 0, true]],
  ["no attributes", suite("", green + green), [2, 0, 0, true]],
  ["attributes that claim more tests", suite('tests="9"', green), [1, 0, 0, true]],
  ["a failure that the attributes hide", suite('tests="1" failures="0"', red), [1, 1, 0, false]],
  ["a failure that only the attributes know", suite('tests="1" errors="1"', green), [1, 1, 0, false]],
  ["an error of the suite itself", suite('tests="1"', `${green}<error/>`), [1, 1, 0, false]],
  ["numbers that are none", suite('tests="1e3" failures="-1"', green), [1, 0, 0, true]],
  ["suites in suites", suite('tests="2"', suite('tests="2"', green + green)), [2, 0, 0, true]],
  ["sums of suites in suites, without cases", suite('tests="2"', suite('tests="2"', "")), [2, 0, 0, true]],
  [
    "a root that sums up",
    `<testsuites tests="2" failures="1">${suite('tests="2"', "")}</testsuites>`,
    [2, 1, 0, false],
  ],
  ["a root that says nothing", `<testsuites>${suite('tests="2" failures="1"', "")}</testsuites>`, [2, 1, 0, false]],
  ["no test", "<testsuites/>", [0, 0, 0, false]],
  ["only skipped tests", suite("", '<testcase name="a"><skipped/></testcase>'), [1, 0, 1, false]],
  ["tests that were not run", suite("", '<testcase status="notrun"/>'), [1, 0, 1, false]],
  ["a failure after a skip", suite("", "<testcase><skipped/><error/></testcase>"), [1, 1, 0, false]],
  ["a failure and an error", suite("", "<testcase><failure/><error/></testcase>"), [1, 1, 0, false]],
  [
    "the failure of a test to be done",
    suite('failures="1"', '<testcase><skipped type="todo"/><failure/></testcase>'),
    [1, 0, 1, false],
  ],
  [
    "a failure within other words",
    suite("", "<testcase><properties><failure/></properties></testcase>"),
    [1, 0, 0, true],
  ],
  ["entities and numbers of signs", suite('name="&lt;&amp;&gt;&quot;&apos;&#x41;&#65;"', green), [1, 0, 0, true]],
  ["many attributes in all", suite("", '<testcase name="a" time="1"/>'.repeat(200)), [200, 0, 0, true]],
])("JUnit: %s", async (_, xml, [tests, failed, skipped, success]) => {
  expect(await readJunit(xml)).toEqual({ runner: "junit", tests, failed, skipped, success });
});

test.each([
  ["version 12, plan first", "1..2\nok\nok 2\n", [2, 0, 0, true]],
  ["a byte order mark", "\ufeff1..1\nok 1\n", [1, 0, 0, true]],
  ["lines of Windows", "TAP version 14\r\nok 1\r\n1..1\r\n", [1, 0, 0, true]],
  ["version 14 with a pragma", "TAP version 14\npragma +strict\nok 1 - a\n1..1\n", [1, 0, 0, true]],
  ["a failure", "1..2\nok 1\nnot ok 2 - b\n", [2, 1, 0, false]],
  ["directives in any case", "1..3\nok 1 # Skipped: no\nnot ok 2 # todo\nok 3\n", [3, 0, 2, true]],
  ["a directive that is part of the name", "1..1\nnot ok 1 - a \\# TODO\n", [1, 1, 0, false]],
  ["everything skipped", "1..0 # SKIP no database\n", [0, 0, 0, false]],
  ["only skipped tests", "1..1\nok 1 # SKIP\n", [1, 0, 1, false]],
  ["a test that did not run", "1..3\nok 1\nok 2\n", [3, 1, 0, false]],
  ["a test beyond the plan", "1..1\nok 1\nok 2\n", [3, 1, 0, false]],
  ["a run that bailed out", "1..2\nok 1\nBail out! no database\n", [2, 1, 0, false]],
  ["a run that bailed out before its plan", "ok 1\nBail out!\n", [2, 1, 0, false]],
  ["words that look like points", "1..1\nokay\nnot okay\nok 1\nnot  ok\n", [1, 0, 0, true]],
  ["points in a block of YAML", "ok 1\n  ---\n  out: |-\n    not ok 1\nnot ok 1\n  ...\n1..1\n", [1, 0, 0, true]],
  ["a parent that failed by itself", "    ok 1\n    1..1\nnot ok 1 - parent\n1..1\n", [2, 1, 0, false]],
  ["a parent that hides a failure", "    not ok 1\n    1..1\nok 1 - parent\n1..1\n", [1, 1, 0, false]],
  ["a parent that is to be done", "    not ok 1\n    1..1\nnot ok 1 - parent # TODO\n1..1\n", [1, 0, 1, false]],
  ["subtests of subtests", "        ok 1\n        ok 2\n    ok 1\nok 1\n1..1\n", [2, 0, 0, true]],
  ["subtests in braces", "ok 1 - a {\n    ok 1\n    not ok 2\n}\n1..1\n", [2, 1, 0, false]],
])("TAP: %s", async (_, tap, [tests, failed, skipped, success]) => {
  expect(await readTap(tap)).toEqual({ runner: "tap", tests, failed, skipped, success });
});

const vitestReport = {
  success: true,
  numTotalTests: 2,
  numFailedTests: 0,
  numFailedTestSuites: 0,
  testResults: [{ name: '}]"\\', assertionResults: [[], {}] }],
};

test.each([
  ["all passed", {}, [2, 0, 0, true]],
  ["a failure", { numFailedTests: 1 }, [2, 1, 0, false]],
  ["a suite that could not be loaded", { numFailedTestSuites: 1 }, [2, 1, 0, false]],
  ["a file that broke off", { numRuntimeErrorTestSuites: 1 }, [2, 1, 0, false]],
  ["no success, for no reason that is told", { success: false }, [2, 0, 0, false]],
  ["interrupted", { wasInterrupted: true }, [2, 0, 0, false]],
  ["only pending tests", { numPendingTests: 1, numTodoTests: 1 }, [2, 0, 2, false]],
  ["no test", { numTotalTests: 0 }, [0, 0, 0, false]],
])("vitest: %s", async (_, change, [tests, failed, skipped, success]) => {
  const text = JSON.stringify({ ...vitestReport, ...change });
  expect(await readVitest(text)).toEqual({ runner: "vitest", tests, failed, skipped, success });
});
